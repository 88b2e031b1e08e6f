// Looks for the events of many contacts at once, straight through the indexes.
#pragma once

#include "pg/sql/catalog.hpp"

#include <optional>

extern "C" {
#include "access/transam.h"
#include "datatype/timestamp.h"
#include "nodes/pg_list.h"
#include "utils/relcache.h"
}

namespace vero::pg {

/// What has been committed up to a moment, by any transaction: as long as it is the same nothing was.
struct CommitState {
	/// Now. To be called in call(), in a transaction.
	static CommitState now();
	bool operator==(CommitState const &) const = default;

	TransactionId next = InvalidTransactionId; ///< the first that had not ended, nor any behind it
	std::uint32_t running = 0;				   ///< transactions before that
};

/// For each partition of vero.events an index by which contact_id is in order; NIL where one has none that is PostgreSQL's own B-tree. Locks the
/// partitions as a reader does. Others may come to be. To be called in call().
List *find_contact_indexes(Oid events);

/// Notes in `has_events` which of these contacts, whose ids ascend, have events that are committed by now, or are this transaction's. Where it
/// holds already nothing is looked for. Of those who have events one is read; for those who have none many are looked for in one go. To be called in
/// call().
void find_events(List *contact_indexes, std::span<std::int64_t const> ids, std::span<bool> has_events);

/// When the events of a contact happened, in the current memory context.
struct EventTimes {
	TimestampTz *times;
	std::size_t count;
};

/// Of those that are committed by now, or are this transaction's; nothing where they cannot be found by the indexes, or are many. To be called in call().
std::optional<EventTimes> find_event_times(Oid events, std::int64_t contact);

/// True where all that is to happen when contacts are removed is that their events are looked for, once for each of them and partition:
/// that takes longer than all else, and is done. `contacts` is open. To be called in call().
bool are_only_events_looked_for(Catalog const &catalog, Relation contacts);

} // namespace vero::pg
