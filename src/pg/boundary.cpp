// The two doors between C++ and PostgreSQL: errors cross them as values, never as jumps over C++ frames.
#include "pg/boundary.hpp"

extern "C" {
#include "access/xact.h"
}

namespace vero::pg::detail {
namespace {

char *plain_text(char const *text) noexcept
{
	std::size_t size = strlen(text) + 1;
	void *copy = MemoryContextAllocExtended(TopMemoryContext, size, MCXT_ALLOC_NO_OOM);
	return copy == nullptr ? nullptr : static_cast<char *>(memcpy(copy, text, size));
}

char *plain_text_or_null(char const *text) noexcept
{
	return *text == '\0' ? nullptr : plain_text(text);
}

} // namespace

Error take_error(MemoryContext context)
{
	// not the caller's context: that may be one which the unwinding deletes
	MemoryContextSwitchTo(TopTransactionContext != nullptr ? TopTransactionContext : TopMemoryContext);
	ErrorData *data = CopyErrorData();
	FlushErrorState();
	MemoryContextSwitchTo(context);
	return Error{data};
}

ErrorData *plain_copy(int sqlstate, char const *message, char const *detail, char const *hint,
					  int cursor_position) noexcept
{
	static ErrorData plain; // one at a time: it is raised before anything else can fail
	plain = ErrorData{};
	plain.elevel = ERROR;
	plain.output_to_server = true;
	plain.output_to_client = true;
	plain.sqlerrcode = sqlstate;
	plain.cursorpos = cursor_position;
	plain.message = plain_text(message);
	plain.detail = plain_text_or_null(detail);
	plain.hint = plain_text_or_null(hint);
	return &plain;
}

void raise(ErrorData *error)
{
	if (error->assoc_context != nullptr)
		ReThrowError(error);
	char *message = error->message, *detail = error->detail, *hint = error->hint;
	if (errstart(ERROR, TEXTDOMAIN)) {
		errcode(error->sqlerrcode);
		errmsg_internal("%s", message != nullptr ? message : "out of memory");
		if (detail != nullptr)
			errdetail_internal("%s", detail);
		if (hint != nullptr)
			errhint("%s", hint);
		if (error->cursorpos > 0)
			errposition(error->cursorpos);
		for (char *text : {message, detail, hint})
			if (text != nullptr)
				pfree(text);
		errfinish(__FILE__, __LINE__, __func__);
	}
	pg_unreachable();
}

void report_escape()
{
	ereport(WARNING, (errmsg_internal("an error jumped over C++ frames: wrap the call in pg::call()")));
	PG_RE_THROW();
}

} // namespace vero::pg::detail
