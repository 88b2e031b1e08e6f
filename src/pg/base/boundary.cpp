// The two doors between C++ and PostgreSQL: errors cross them as values, never as jumps over C++ frames.
#include "pg/base/boundary.hpp"

#include "core/property/limit_exceeded.hpp"

extern "C" {
#include "access/xact.h"
}

#include <new>
#include <stdexcept>

namespace vero::pg {
namespace {

/// A container that is asked for more than there can be throws std::length_error.
bool is_out_of_memory(std::exception const &thrown) noexcept
{
	return dynamic_cast<std::bad_alloc const *>(&thrown) != nullptr ||
		   dynamic_cast<std::length_error const *>(&thrown) != nullptr;
}

bool is_limit_exceeded(std::exception const &thrown) noexcept
{
	return dynamic_cast<LimitExceeded const *>(&thrown) != nullptr;
}

int sqlstate_of(std::exception const &thrown) noexcept
{
	if (is_limit_exceeded(thrown))
		return ERRCODE_PROGRAM_LIMIT_EXCEEDED;
	return is_out_of_memory(thrown) ? ERRCODE_OUT_OF_MEMORY : ERRCODE_INTERNAL_ERROR;
}

} // namespace

char const *words_of(std::exception const &thrown) noexcept
{
	if (is_limit_exceeded(thrown))
		return thrown.what();
	return is_out_of_memory(thrown) ? "out of memory" : "internal error of vero_events";
}

} // namespace vero::pg

namespace vero::pg::detail {
namespace {

ErrorData plain; // one at a time: it is raised before anything else can fail

char *plain_text(char const *text) noexcept
{
	std::size_t size = strlen(text) + 1;
	void *copy = MemoryContextAllocExtended(TopMemoryContext, size, MCXT_ALLOC_NO_OOM | MCXT_ALLOC_HUGE);
	return copy == nullptr ? nullptr : static_cast<char *>(memcpy(copy, text, size));
}

char *plain_text_or_null(char const *text) noexcept
{
	return *text == '\0' ? nullptr : plain_text(text);
}

/// Takes out of the lines of a context those that have the statement: SQL statement "...", in the server's language.
void remove_statement(char *context, char const *statement)
{
	std::size_t size = strlen(statement);
	while (char *found = strstr(context, statement)) {
		char *begin = found;
		while (begin > context && begin[-1] != '\n')
			begin--;
		char *end = strchr(found + size, '\n');
		if (end != nullptr) {
			end++;
		} else if (begin > context) {
			begin--; // the last line takes the end of the one before along
		}
		memmove(begin, end != nullptr ? end : "", end != nullptr ? strlen(end) + 1 : 1);
	}
}

void hide_statement(ErrorData *data, char const *statement)
{
	if (data->context != nullptr)
		remove_statement(data->context, statement);
	if (data->context != nullptr && *data->context == '\0')
		data->context = nullptr;
	if (data->internalquery != nullptr && strcmp(data->internalquery, statement) == 0) {
		data->internalquery = nullptr;
		data->internalpos = 0;
	}
}

} // namespace

char const *own_statement;

Error take_error(MemoryContext context, char const *statement)
{
	// not the caller's context: that may be one which the unwinding deletes
	MemoryContextSwitchTo(TopTransactionContext != nullptr ? TopTransactionContext : TopMemoryContext);
	ErrorData *data = CopyErrorData();
	FlushErrorState();
	if (statement != nullptr)
		hide_statement(data, statement);
	MemoryContextSwitchTo(context);
	return Error{data};
}

ErrorData *plain_copy(Report const &report) noexcept
{
	plain = ErrorData{};
	plain.sqlerrcode = report.sqlstate;
	plain.cursorpos = report.cursor_position;
	plain.message = plain_text(report.message.c_str());
	plain.detail = plain_text_or_null(report.detail.c_str());
	plain.hint = plain_text_or_null(report.hint.c_str());
	return &plain;
}

ErrorData *plain_copy(std::exception const &thrown) noexcept
{
	plain = ErrorData{};
	plain.sqlerrcode = sqlstate_of(thrown);
	plain.message = plain_text(words_of(thrown));
	bool is_type_name = dynamic_cast<std::bad_alloc const *>(&thrown) != nullptr;
	if (!is_type_name && thrown.what() != words_of(thrown))
		plain.detail_log = plain_text_or_null(thrown.what());
	return &plain;
}

void raise(ErrorData *error)
{
	if (error->assoc_context != nullptr)
		ReThrowError(error);
	char *message = error->message, *detail = error->detail, *detail_log = error->detail_log, *hint = error->hint;
	if (errstart(ERROR, TEXTDOMAIN)) {
		errcode(error->sqlerrcode);
		errmsg_internal("%s", message != nullptr ? message : "out of memory");
		if (detail != nullptr)
			errdetail_internal("%s", detail);
		if (detail_log != nullptr)
			errdetail_log("%s", detail_log);
		if (hint != nullptr)
			errhint("%s", hint);
		if (error->cursorpos > 0)
			errposition(error->cursorpos);
		for (char *text : {message, detail, detail_log, hint}) {
			if (text != nullptr)
				pfree(text);
		}
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
