// Runs a thread of the core's in a backend: no signal reaches it, and it has ended before the backend exits.
#pragma once

#include "pg/base/boundary.hpp"
#include "pg/base/postgres.hpp"

#include <csignal>
#include <functional>
#include <system_error>

namespace vero::pg {

/// While it lives, no signal reaches this thread, nor those that are started: a thread inherits the mask. PostgreSQL's signals are for
/// the backend alone.
class SignalsBlocked {
public:
	SignalsBlocked();
	SignalsBlocked(SignalsBlocked const &) = delete;
	SignalsBlocked &operator=(SignalsBlocked const &) = delete;
	~SignalsBlocked();

private:
	sigset_t before_{};
};

/// What owns a thread, made with signals blocked. `what` the thread does is for the message. Throws Report if there can be none.
template <class Thread, class... Work> Thread start_thread(char const *what, Work &&...work)
{
	SignalsBlocked const blocked;
	try {
		return Thread(std::forward<Work>(work)...);
	} catch (std::system_error const &) {
		throw Report{ERRCODE_INSUFFICIENT_RESOURCES, std::string("could not start a thread that ") + what, "", ""};
	}
}

/// As long as it lives, a backend that exits calls `stop` first, which waits until the thread has ended. They live in a stack.
class StopAtExit {
public:
	explicit StopAtExit(std::function<void()> stop);
	StopAtExit(StopAtExit const &) = delete;
	StopAtExit &operator=(StopAtExit const &) = delete;
	~StopAtExit();

private:
	static void stop_all(int code, Datum);

	std::function<void()> stop_;
	StopAtExit *outer_; ///< of a statement in one of whose triggers this one runs
};

} // namespace vero::pg
