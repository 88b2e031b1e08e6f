// One partition of vero.events, read by contact and time.
#include "pg/duplicates/event_leaf.hpp"

#include "pg/base/compat.hpp"
#include "pg/bulk/default_family.hpp"
#include "pg/bulk/each_index.hpp"
#include "pg/sql/own_objects.hpp"
#include "pg/sql/spread_table.hpp"

extern "C" {
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_am_d.h"
#include "catalog/pg_type_d.h"
#include "storage/bufmgr.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

constexpr int kStepsToATime = 16; // of the index, before it is searched anew

/// InvalidAttrNumber where the column is not as it was made.
AttrNumber find_column(Relation heap, char const *name)
{
	AttrNumber number = get_attnum(RelationGetRelid(heap), name);
	bool is_own =
		number > 0 && TupleDescAttr(RelationGetDescr(heap), number - 1)->atttypid == kOwnEvents.find_column(name)->type;
	return is_own ? number : InvalidAttrNumber;
}

bool is_ordered_by(Relation index, int place, AttrNumber column, Oid type)
{
	return index->rd_index->indkey.values[place] == column && index->rd_indoption[place] == 0 &&
		   index->rd_opfamily[place] == default_family(type, BTREE_AM_OID);
}

/// One that begins with contact and time, and has all rows; InvalidOid where there is none.
Oid find_index(Relation heap, AttrNumber contact_id, AttrNumber occurred_at)
{
	Oid found = InvalidOid;
	each_index(heap, [&](Relation index) {
		Form_pg_index form = index->rd_index;
		if (index->rd_rel->relam == BTREE_AM_OID && form->indisvalid && form->indnkeyatts >= 2 &&
			is_ordered_by(index, 0, contact_id, INT8OID) && is_ordered_by(index, 1, occurred_at, TIMESTAMPTZOID) &&
			heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, nullptr))
			found = RelationGetRelid(index);
	});
	return found;
}

bool is_plain(Relation table)
{
	return table->rd_rel->relkind == RELKIND_RELATION && table->rd_rel->relam == HEAP_TABLE_AM_OID &&
		   !table->rd_rel->relhassubclass && !is_spread(table);
}

bool is_ours(TupleTableSlot *slot)
{
	bool should_free;
	HeapTuple row = ExecFetchSlotHeapTuple(slot, false, &should_free);
	return TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(row->t_data));
}

} // namespace

void EventLeaf::open(Oid table, Snapshot snapshot)
{
	is_open_ = true;
	snapshot_ = snapshot;
	Relation heap = table_open(table, AccessShareLock);
	columns_ = {find_column(heap, "id"),		  find_column(heap, "contact_id"), find_column(heap, "name"),
				find_column(heap, "occurred_at"), find_column(heap, "properties"), find_column(heap, "import_id")};
	bool is_known = std::min({columns_.id, columns_.contact_id, columns_.name, columns_.occurred_at,
							  columns_.properties, columns_.import_id}) != InvalidAttrNumber;
	Oid index = is_known && is_plain(heap) ? find_index(heap, columns_.contact_id, columns_.occurred_at) : InvalidOid;
	if (!OidIsValid(index)) {
		table_close(heap, NoLock);
		return;
	}
	heap_ = heap;
	if (RelationGetNumberOfBlocks(heap) == 0)
		return;
	index_ = index_open(index, AccessShareLock);
	slot_ = table_slot_create(heap, nullptr);
	scan_ = compat::begin_index_scan(heap, index_, snapshot_, static_cast<int>(keys_.size()));
	scan_->xs_want_itup = true;
	fetch_ = compat::begin_index_fetch(heap);
}

/// Steps to the contact's first row at that time or later.
void EventLeaf::search(std::int64_t contact_id, TimestampTz occurred_at)
{
	ScanKeyEntryInitialize(&keys_[0], 0, 1, BTEqualStrategyNumber, InvalidOid, InvalidOid, F_INT8EQ,
						   Int64GetDatum(contact_id));
	ScanKeyEntryInitialize(&keys_[1], 0, 2, BTGreaterEqualStrategyNumber, InvalidOid, InvalidOid, F_TIMESTAMPTZ_GE,
						   TimestampTzGetDatum(occurred_at));
	index_rescan(scan_, keys_.data(), static_cast<int>(keys_.size()), nullptr, 0);
	is_positioned_ = true;
	contact_id_ = contact_id;
	step();
}

void EventLeaf::step()
{
	ItemPointer row = index_getnext_tid(scan_, ForwardScanDirection);
	is_at_row_ = row != nullptr;
	if (!is_at_row_)
		return;
	bool is_null;
	row_ = *row;
	occurred_at_ = DatumGetTimestampTz(index_getattr(scan_->xs_itup, 2, scan_->xs_itupdesc, &is_null));
}

bool EventLeaf::next(std::int64_t contact_id, TimestampTz occurred_at, ItemPointerData &row)
{
	if (scan_ == nullptr)
		return false;
	if (!is_positioned_ || contact_id_ != contact_id) {
		search(contact_id, occurred_at);
	} else {
		for (int steps = 0; is_at_row_ && occurred_at_ < occurred_at; steps++) {
			if (steps < kStepsToATime) {
				step();
			} else {
				search(contact_id, occurred_at);
			}
		}
	}
	if (!is_at_row_ || occurred_at_ != occurred_at)
		return false;
	row = row_;
	step();
	return true;
}

std::optional<StoredRow> EventLeaf::fetch(ItemPointerData row)
{
	bool call_again = false;
	if (!table_index_fetch_tuple(fetch_, &row, snapshot_, slot_, &call_again, nullptr))
		return std::nullopt;
	bool is_null, has_no_import;
	Datum import_id = slot_getattr(slot_, columns_.import_id, &has_no_import);
	bool is_seen = !IsolationUsesXactSnapshot() || is_ours(slot_) ||
				   table_tuple_satisfies_snapshot(heap_, slot_, GetTransactionSnapshot());
	return StoredRow{DatumGetInt64(slot_getattr(slot_, columns_.id, &is_null)),
					 DatumGetInt64(slot_getattr(slot_, columns_.contact_id, &is_null)),
					 DatumGetTimestampTz(slot_getattr(slot_, columns_.occurred_at, &is_null)),
					 slot_getattr(slot_, columns_.name, &is_null),
					 slot_getattr(slot_, columns_.properties, &is_null),
					 has_no_import ? std::nullopt : std::optional(DatumGetInt64(import_id)),
					 is_seen};
}

void EventLeaf::let_go()
{
	if (scan_ == nullptr)
		return;
	if (is_positioned_)
		index_rescan(scan_, keys_.data(), static_cast<int>(keys_.size()), nullptr, 0);
	is_positioned_ = false;
	ExecClearTuple(slot_);
	table_index_fetch_reset(fetch_);
}

void EventLeaf::close()
{
	if (scan_ != nullptr) {
		table_index_fetch_end(fetch_);
		index_endscan(scan_);
		ExecDropSingleTupleTableSlot(slot_);
		index_close(index_, NoLock);
	}
	if (heap_ != nullptr)
		table_close(heap_, NoLock);
}

} // namespace vero::pg
