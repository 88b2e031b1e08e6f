// Work that may fail alone.
#pragma once

#include "pg/base/boundary.hpp"

extern "C" {
#include "utils/resowner.h"
}

namespace vero::pg {

/// True for errors that are the work's own, and not the server's or the user's wish to stop: those (SQLSTATE classes 40, 53, 57, 58,
/// and 55P03, which lock_timeout gives) are to end the transaction.
bool is_own_error(ErrorData const *error);

/// A subtransaction that has begun. It has to be released or rolled back whatever happens: where it stayed open, what the session
/// writes afterwards would belong to it, and go with it.
class Subtransaction {
public:
	/// Begins it. Throws Error.
	Subtransaction();
	Subtransaction(Subtransaction const &) = delete;
	Subtransaction &operator=(Subtransaction const &) = delete;

	/// What was written stays. Throws Error: then roll_back() is still to be called.
	void release() const;
	/// Nothing of it stays, nor of what was begun in it. Throws Error where that had to be tried twice; where the second time fails too,
	/// the session ends.
	void roll_back() const;

private:
	void roll_back_again() const;
	void end() const;	  ///< to be called in call(), as go_back()
	void go_back() const; ///< to where it was begun

	MemoryContext context_;
	ResourceOwner owner_;
	int outer_level_;
};

/// Runs `work` in a subtransaction. What it wrote stays if it succeeds; if it fails of an error of its own, nothing does and the
/// message is given. Throws what `is_own` is false for, what is no Error, and what a rollback throws; then nothing stays either.
template <class Work, class IsOwn = bool (*)(ErrorData const *)>
std::optional<std::string> try_in_subtransaction(Work &&work, IsOwn &&is_own = is_own_error)
{
	Subtransaction subtransaction;
	try {
		work();
		subtransaction.release();
		return std::nullopt;
	} catch (Error const &error) {
		subtransaction.roll_back();
		if (!is_own(error.data))
			throw;
		return error.data->message;
	} catch (...) {
		subtransaction.roll_back();
		throw;
	}
}

/// Runs `work` in a subtransaction. What it wrote stays where it returns false, or an optional that is empty; else, and where it throws, nothing
/// does. Throws what it throws, and what a rollback does. All objects of `work` that are PostgreSQL's are gone when it returns.
template <class Work> std::invoke_result_t<Work> keep_unless_failed(Work &&work)
{
	Subtransaction subtransaction;
	try {
		std::invoke_result_t<Work> failure = work();
		if (failure) {
			subtransaction.roll_back();
		} else {
			subtransaction.release();
		}
		return failure;
	} catch (...) {
		subtransaction.roll_back();
		throw;
	}
}

} // namespace vero::pg
