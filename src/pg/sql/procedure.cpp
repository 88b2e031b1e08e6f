// Procedures that commit while they run.
#include "pg/sql/procedure.hpp"

#include "pg/base/boundary.hpp"

extern "C" {
#include "access/xact.h"
#include "executor/spi.h"
#include "nodes/parsenodes.h"
}

namespace vero::pg {

void require_no_transaction(FunctionCallInfo fcinfo, std::string const &name, char const *detail, char const *hint)
{
	auto *context = reinterpret_cast<CallContext *>(fcinfo->context);
	if (context == nullptr || !IsA(context, CallContext) || context->atomic || IsSubTransaction()) {
		throw Report{ERRCODE_ACTIVE_SQL_TRANSACTION, name + " cannot run inside a transaction block or function",
					 detail, hint};
	}
}

void connect_without_transaction()
{
	call([] {
		if (int result = SPI_connect_ext(SPI_OPT_NONATOMIC); result != SPI_OK_CONNECT)
			elog(ERROR, "SPI_connect failed: %s", SPI_result_code_string(result));
	});
}

} // namespace vero::pg
