// Where the bytes of an export go.
#include "pg/files/export_sink.hpp"

#include "pg/base/boundary.hpp"
#include "pg/files/server_program.hpp"

#include <sys/stat.h>

extern "C" {
#include "catalog/pg_authid.h"
#include "libpq/libpq.h"
#include "libpq/pqformat.h"
#include "storage/fd.h"
#include "tcop/dest.h"
#include "tcop/tcopprot.h"
#include "utils/acl.h"
}

namespace vero::pg {
namespace {

/// As COPY TO opens one: readable by all, writable by the server (BeginCopyTo, src/backend/commands/copyto.c).
FILE *open_for_writing(char const *path)
{
	if (!has_privs_of_role(GetUserId(), ROLE_PG_WRITE_SERVER_FILES)) {
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be superuser or have privileges of the pg_write_server_files role to COPY to a file"),
				 errhint("Anyone can COPY to stdout or from stdin. psql's \\copy command also works for anyone.")));
	}
	if (!is_absolute_path(path))
		ereport(ERROR, (errcode(ERRCODE_INVALID_NAME), errmsg("relative path not allowed for COPY to file")));
	mode_t before = umask(S_IWGRP | S_IWOTH);
	FILE *file = AllocateFile(path, PG_BINARY_W);
	umask(before);
	if (file == nullptr)
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not open file \"%s\" for writing: %m", path)));
	return file;
}

void write_all(FILE *file, std::string_view bytes, char const *name)
{
	if (std::fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size())
		call([name] { ereport(ERROR, (errcode_for_file_access(), errmsg("could not write to \"%s\": %m", name))); });
}

} // namespace

void ClientSink::begin()
{
	call([] {
		if (whereToSendOutput != DestRemote) {
			ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
							errmsg("COPY format \"vero_csv\" writes to STDOUT only for a client")));
		}
		StringInfoData message;
		pq_beginmessage(&message, 'H');
		pq_sendbyte(&message, 0); // text
		pq_sendint16(&message, 0);
		pq_endmessage(&message);
	});
}

void ClientSink::write(std::string_view bytes)
{
	call([bytes] { pq_putmessage('d', bytes.data(), bytes.size()); });
}

void ClientSink::finish()
{
	call([] { pq_putemptymessage('c'); });
}

FileSink::~FileSink()
{
	if (file_ != nullptr)
		FreeFile(file_);
}

void FileSink::begin()
{
	char const *path = path_;
	file_ = call([path] { return open_for_writing(path); });
}

void FileSink::write(std::string_view bytes)
{
	write_all(file_, bytes, path_);
}

void FileSink::finish()
{
	char const *path = path_;
	FILE *file = std::exchange(file_, nullptr);
	call([=] {
		if (FreeFile(file) != 0)
			ereport(ERROR, (errcode_for_file_access(), errmsg("could not close file \"%s\": %m", path)));
	});
}

ProgramSink::~ProgramSink()
{
	if (pipe_ != nullptr)
		ClosePipeStream(pipe_);
}

void ProgramSink::begin()
{
	pipe_ = open_program(command_, PG_BINARY_W);
}

void ProgramSink::write(std::string_view bytes)
{
	write_all(pipe_, bytes, command_);
}

void ProgramSink::finish()
{
	close_program(std::exchange(pipe_, nullptr), command_);
}

} // namespace vero::pg
