// Programs on the server that COPY reads from or writes to.
#include "pg/files/server_program.hpp"

#include "pg/base/boundary.hpp"

extern "C" {
#include "catalog/pg_authid.h"
#include "storage/fd.h"
#include "utils/acl.h"
}

namespace vero::pg {

FILE *open_program(char const *command, char const *mode)
{
	return call([=] {
		if (!has_privs_of_role(GetUserId(), ROLE_PG_EXECUTE_SERVER_PROGRAM)) {
			ereport(
				ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg(
					 "must be superuser or have privileges of the pg_execute_server_program role to COPY to or from an "
					 "external program"),
				 errhint("Anyone can COPY to stdout or from stdin. psql's \\copy command also works for anyone.")));
		}
		FILE *pipe = OpenPipeStream(command, mode);
		if (pipe == nullptr)
			ereport(ERROR, (errcode_for_file_access(), errmsg("could not execute command \"%s\": %m", command)));
		return pipe;
	});
}

void close_program(FILE *pipe, char const *command)
{
	call([=] {
		int status = ClosePipeStream(pipe);
		if (status == -1)
			ereport(ERROR, (errcode_for_file_access(), errmsg("could not close pipe to external command: %m")));
		if (status != 0) {
			ereport(ERROR, (errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION), errmsg("program \"%s\" failed", command),
							errdetail_internal("%s", wait_result_to_str(status))));
		}
	});
}

} // namespace vero::pg
