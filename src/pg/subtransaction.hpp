// Work that may fail alone.
#pragma once

#include "pg/boundary.hpp"

extern "C" {
#include "access/xact.h"
#include "utils/resowner.h"
}

namespace vero::pg {

/// True for errors that are the work's own, and not the server's or the user's wish to stop: those (SQLSTATE classes 40, 53, 57, 58,
/// and 55P03, which lock_timeout gives) are to end the transaction.
inline bool is_own_error(ErrorData const *error)
{
	int error_class = ERRCODE_TO_CATEGORY(error->sqlerrcode);
	return error->elevel == ERROR && error->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE &&
		   error_class != MAKE_SQLSTATE('4', '0', '0', '0', '0') &&
		   error_class != MAKE_SQLSTATE('5', '3', '0', '0', '0') &&
		   error_class != MAKE_SQLSTATE('5', '7', '0', '0', '0') &&
		   error_class != MAKE_SQLSTATE('5', '8', '0', '0', '0');
}

/// Runs `work` in a subtransaction. What it wrote stays if it succeeds; if it fails of an error of its own, nothing does and the
/// message is given. Throws what is_own_error() is false for, and what is no Error.
template <class Work> std::optional<std::string> try_in_subtransaction(Work &&work)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	auto leave = [&](void (*end)()) {
		call([&] {
			end();
			MemoryContextSwitchTo(context);
			CurrentResourceOwner = owner;
		});
	};
	call([&] {
		BeginInternalSubTransaction(nullptr);
		MemoryContextSwitchTo(context);
	});
	ErrorData *error = nullptr;
	try {
		work();
	} catch (Error const &thrown) {
		if (!is_own_error(thrown.data))
			throw;
		error = thrown.data;
	}
	if (error == nullptr) {
		leave(ReleaseCurrentSubTransaction);
		return std::nullopt;
	}
	leave(RollbackAndReleaseCurrentSubTransaction);
	return error->message;
}

} // namespace vero::pg
