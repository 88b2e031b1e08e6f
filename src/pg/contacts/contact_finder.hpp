// Finds and locks contacts by their addresses, straight through the index.
#pragma once

#include "core/intake/batch.hpp"
#include "pg/base/postgres.hpp"

extern "C" {
#include "access/transam.h"
#include "executor/tuptable.h"
#include "utils/relcache.h"
}

namespace vero::pg {

/// Whether an address has a row.
struct Presence {
	bool is_there = false;
	TransactionId holder = InvalidTransactionId; ///< the other transaction that has to end before that is certain
};

/// What SELECT ... WHERE email = ... FOR KEY SHARE does, without an executor for each address. Serves a plain vero.contacts only.
class ContactFinder {
public:
	/// To be called in call(), as all of it. `email_index` is unique and in the order of the addresses' bytes.
	ContactFinder(Relation table, Relation email_index);

	/// Gives the ids of the contacts with these addresses, locked against deletion until the end of the transaction; 0 where there is
	/// none.
	void find(std::span<StoredBytes const> emails, std::span<std::int64_t> ids);
	/// What is known of the address beyond all snapshots. Waits for nobody. Raises 40001 where it is certain that somebody else has created
	/// it, and the transaction's snapshot cannot see that.
	Presence look_up(StoredBytes email);
	/// Waits until the transaction or subtransaction has ended.
	static void wait_for(TransactionId holder);
	/// Ends the search. To be called once, after all else.
	void close();

private:
	bool lock(Datum email);
	void check_visible();

	Relation table_;
	Relation index_;
	TupleTableSlot *found_;
	TupleTableSlot *locked_;
};

} // namespace vero::pg
