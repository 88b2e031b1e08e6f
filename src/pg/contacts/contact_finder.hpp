// Finds and locks contacts by their addresses, straight through the index.
#pragma once

#include "core/intake/batch.hpp"
#include "pg/base/postgres.hpp"

extern "C" {
#include "executor/tuptable.h"
#include "utils/relcache.h"
}

namespace vero::pg {

/// What SELECT ... WHERE email = ... FOR KEY SHARE does, without an executor for each address. Serves a plain vero.contacts only.
class ContactFinder {
public:
	/// To be called in call(), as all of it. `email_index` is unique and in the order of the addresses' bytes.
	ContactFinder(Relation table, Relation email_index);

	/// Gives the ids of the contacts with these addresses, locked against deletion until the end of the transaction; 0 where there is
	/// none.
	void find(std::span<StoredBytes const> emails, std::span<std::int64_t> ids);
	/// Ends the search. To be called once, after all else.
	void close();

private:
	bool lock(Datum email);

	Relation table_;
	Relation index_;
	TupleTableSlot *found_;
	TupleTableSlot *locked_;
};

} // namespace vero::pg
