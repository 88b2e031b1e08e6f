// The two doors between C++ and PostgreSQL: errors cross them as values, never as jumps over C++ frames.
//
// An ereport(ERROR) is a longjmp that skips destructors, and a C++ exception that reaches PostgreSQL's C frames ends the server.
// So a stack frame may be jumped over, or may own C++ objects, never both:
// - enter() stands at every entry point, PostgreSQL -> C++: what is thrown inside is raised as an ERROR once no C++ frame is
//   left;
// - call() stands round every stretch of PostgreSQL calls, C++ -> PostgreSQL: an ERROR inside is thrown as Error. The function
//   that it is given is the frame that may be jumped over: it must own nothing that has a destructor.
#pragma once

#include "pg/base/postgres.hpp"

namespace vero::pg {

/// An ERROR of PostgreSQL's on its way through C++ frames, whole (SQLSTATE, DETAIL, CONTEXT ...). The data lives in the
/// transaction's memory.
struct Error {
	ErrorData *data;
};

/// An ERROR of our own, in PostgreSQL's message style.
struct Report {
	int sqlstate;
	std::string message;
	std::string detail;
	std::string hint;
	int cursor_position = 0; ///< in the statement's text, in characters from 1; 0: none
};

/// What people are told of an exception: LimitExceeded's words are for them, those of the C++ library's own name C++, and are for the
/// server's log alone.
char const *words_of(std::exception const &thrown) noexcept;

namespace detail {

/// The text of the statement of our own that is running, for as long as it does; null: none. SPI puts it into an error's context.
extern char const *own_statement;

/// PostgreSQL's idea of where errors go, put back at the end of a scope.
class ErrorStackGuard {
public:
	ErrorStackGuard()
		: exception_stack_(PG_exception_stack), context_stack_(error_context_stack), statement_(own_statement)
	{
	}
	ErrorStackGuard(ErrorStackGuard const &) = delete;
	ErrorStackGuard &operator=(ErrorStackGuard const &) = delete;
	~ErrorStackGuard() { restore(); }

	void restore() const
	{
		PG_exception_stack = exception_stack_;
		error_context_stack = context_stack_;
		own_statement = statement_;
	}

private:
	sigjmp_buf *exception_stack_;
	ErrorContextCallback *context_stack_;
	char const *statement_;
};

/// Takes the error that PostgreSQL has in hand; its state is clean again afterwards. `statement` is no business of the reader's: its
/// text goes from the context, while what was called from within it stays.
Error take_error(MemoryContext context, char const *statement);
// Both give plain data that survives the exception, and never throw or raise.
ErrorData *plain_copy(Report const &report) noexcept;
ErrorData *plain_copy(std::exception const &thrown) noexcept;
[[noreturn]] void raise(ErrorData *error);
/// An ERROR jumped over C++ frames: says so and lets it pass.
[[noreturn]] void report_escape();

} // namespace detail

/// C++ -> PostgreSQL. Throws Error.
template <class Function> std::invoke_result_t<Function> call(Function &&function)
{
	MemoryContext context = CurrentMemoryContext;
	detail::ErrorStackGuard guard;
	sigjmp_buf jump;
	if (sigsetjmp(jump, 0) != 0) {
		char const *statement = detail::own_statement;
		guard.restore();
		throw detail::take_error(context, statement);
	}
	PG_exception_stack = &jump;
	return function();
}

/// PostgreSQL -> C++. Raises, after all C++ frames are gone, what was thrown.
template <class Function> std::invoke_result_t<Function> enter(Function &&function)
{
	ErrorData *error = nullptr;
	{
		detail::ErrorStackGuard guard;
		sigjmp_buf jump;
		if (sigsetjmp(jump, 0) != 0) {
			guard.restore();
			detail::report_escape();
		}
		PG_exception_stack = &jump;
		try {
			return function();
		} catch (Error const &thrown) {
			error = thrown.data;
		} catch (Report const &report) {
			error = detail::plain_copy(report);
		} catch (std::exception const &thrown) {
			error = detail::plain_copy(thrown);
		}
	}
	detail::raise(error);
}

/// Lets a cancel, a timeout or a shutdown through. Throws Error.
inline void check_for_interrupts()
{
	if (INTERRUPTS_PENDING_CONDITION())
		call([] { CHECK_FOR_INTERRUPTS(); });
}

} // namespace vero::pg
