// One partition of vero.events, read by contact and time.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "access/genam.h"
#include "access/skey.h"
#include "access/tableam.h"
#include "executor/tuptable.h"
#include "utils/relcache.h"
#include "utils/snapshot.h"
}

namespace vero::pg {

/// A stored event; its texts as PostgreSQL has them.
struct StoredRow {
	std::int64_t id, contact_id;
	TimestampTz occurred_at;
	Datum name, properties;
	std::optional<std::int64_t> import_id;
	bool is_seen; ///< by the transaction's snapshot
};

/// A partition, or the table itself. Rows of a contact are met in the order of the index, without a look into the table; those that are of interest are fetched. Holds pins on
/// two pages at most, until let_go(). All of it is to be called in call().
class EventLeaf {
public:
	/// Where all rows are in its own heap, an index begins with contact and time, and the columns are as they were made; else nothing is opened. Takes the lock that SELECT takes.
	void open(Oid table, Snapshot snapshot);
	bool is_open() const { return is_open_; }
	/// False where it has to be read by SELECT.
	bool is_readable() const { return heap_ != nullptr; }

	/// The next row of this contact at this time: its place. False where there are no more. Contacts and, of one contact, times come in order.
	bool next(std::int64_t contact_id, TimestampTz occurred_at, ItemPointerData &row);
	/// The row at a place that next() gave, or nothing where the snapshot does not see it. Valid until the next fetch().
	std::optional<StoredRow> fetch(ItemPointerData row);
	void let_go();
	void close();

private:
	void search(std::int64_t contact_id, TimestampTz occurred_at);
	void step();

	struct Columns {
		AttrNumber id, contact_id, name, occurred_at, properties, import_id;
	};

	bool is_open_ = false;
	Snapshot snapshot_ = nullptr;
	Relation heap_ = nullptr;
	Relation index_ = nullptr;
	IndexScanDesc scan_ = nullptr; ///< null: nothing is stored there
	IndexFetchTableData *fetch_ = nullptr;
	TupleTableSlot *slot_ = nullptr;
	Columns columns_{};
	// where the scan is
	std::array<ScanKeyData, 2> keys_{};
	bool is_positioned_ = false;
	bool is_at_row_ = false;
	std::int64_t contact_id_ = 0;
	TimestampTz occurred_at_ = 0;
	ItemPointerData row_{};
};

} // namespace vero::pg
