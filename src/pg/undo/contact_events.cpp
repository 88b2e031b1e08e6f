// Looks for the events of many contacts at once, straight through the indexes.
#include "pg/undo/contact_events.hpp"

#include "pg/base/compat.hpp"

extern "C" {
#include "access/skey.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/pg_am_d.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_opfamily_d.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
}

namespace vero::pg {
namespace {

constexpr std::size_t kMostTimes = 1000; // more, and a planner's look at each partition is little beside them

bool is_in_order_of(AttrNumber column, Relation index)
{
	Form_pg_index form = index->rd_index;
	return index->rd_rel->relam == BTREE_AM_OID && form->indisvalid && !form->indcheckxmin &&
		   form->indkey.values[0] == column && index->rd_opfamily[0] == INTEGER_BTREE_FAM_OID &&
		   index->rd_opcintype[0] == INT8OID && index->rd_indoption[0] == 0 &&
		   heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, nullptr);
}

/// InvalidOid where there is none.
Oid find_contact_index(Relation partition)
{
	AttrNumber column = get_attnum(RelationGetRelid(partition), "contact_id");
	Oid found = InvalidOid;
	if (partition->rd_rel->relkind != RELKIND_RELATION || column == InvalidAttrNumber)
		return found;
	ListCell *cell;
	foreach (cell, RelationGetIndexList(partition)) {
		Relation index = index_open(lfirst_oid(cell), AccessShareLock);
		if (is_in_order_of(column, index))
			found = lfirst_oid(cell);
		index_close(index, NoLock);
		if (OidIsValid(found))
			break;
	}
	return found;
}

/// The contacts who are looked for, and which of them have events: how far the walk along them has come, from the last to the first, as a contact's
/// newest event is least likely one of the import that created him. It steps from contact to contact where each has events, as a longer scan reads
/// pages to their ends, and takes longer and longer steps where none has.
class Walk {
public:
	Walk(std::span<std::int64_t const> ids, std::span<bool> has_events)
		: ids_(ids), has_events_(has_events), to_go_(ids.size())
	{
	}

	/// To the next one of whom nothing is known; false where there is none.
	bool find_unknown()
	{
		while (to_go_ > 0 && has_events_[to_go_ - 1])
			to_go_--;
		return to_go_ > 0;
	}
	void start(IndexScanDesc scan)
	{
		behind_step_ = to_go_ - std::min(step_, to_go_);
		ScanKeyData keys[2];
		ScanKeyInit(&keys[0], 1, BTGreaterEqualStrategyNumber, F_INT8GE, Int64GetDatum(ids_[behind_step_]));
		ScanKeyInit(&keys[1], 1, BTLessEqualStrategyNumber, F_INT8LE, Int64GetDatum(ids_[to_go_ - 1]));
		index_rescan(scan, keys, 2, nullptr, 0);
	}
	/// The first event of the step is this contact's.
	void meet(std::int64_t contact)
	{
		while (to_go_ > behind_step_ && ids_[to_go_ - 1] > contact)
			to_go_--;
		if (to_go_ > behind_step_ && ids_[to_go_ - 1] == contact)
			has_events_[to_go_ - 1] = true;
		step_ = 1;
	}
	/// The step has no event.
	void pass()
	{
		to_go_ = behind_step_;
		step_ *= 2;
	}

private:
	std::span<std::int64_t const> ids_;
	std::span<bool> has_events_;
	std::size_t to_go_, behind_step_ = 0, step_ = 1;
};

/// The next row that is seen, of however many that are not: that can be cancelled.
bool fetch_next(IndexScanDesc scan, TupleTableSlot *slot)
{
	while (index_getnext_tid(scan, BackwardScanDirection) != nullptr) {
		CHECK_FOR_INTERRUPTS();
		if (index_fetch_heap(scan, slot))
			return true;
	}
	return false;
}

void walk_along(Relation index, Walk walk)
{
	Relation partition = table_open(IndexGetRelation(RelationGetRelid(index), false), NoLock);
	AttrNumber column = index->rd_index->indkey.values[0];
	TupleTableSlot *slot = table_slot_create(partition, nullptr);
	IndexScanDesc scan = compat::begin_index_scan(partition, index, GetActiveSnapshot(), 2);
	while (walk.find_unknown()) {
		walk.start(scan);
		bool is_null;
		if (fetch_next(scan, slot)) {
			walk.meet(DatumGetInt64(slot_getattr(slot, column, &is_null)));
		} else {
			walk.pass();
		}
	}
	ExecDropSingleTupleTableSlot(slot);
	index_endscan(scan);
	table_close(partition, NoLock);
}

/// False where there is no room for all of them.
bool add_event_times(Relation index, std::int64_t contact, EventTimes &found)
{
	Relation partition = table_open(IndexGetRelation(RelationGetRelid(index), false), NoLock);
	AttrNumber column = get_attnum(RelationGetRelid(partition), "occurred_at");
	TupleTableSlot *slot = table_slot_create(partition, nullptr);
	IndexScanDesc scan = compat::begin_index_scan(partition, index, GetActiveSnapshot(), 1);
	ScanKeyData key;
	ScanKeyInit(&key, 1, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(contact));
	index_rescan(scan, &key, 1, nullptr, 0);
	bool is_whole = true;
	while (is_whole && fetch_next(scan, slot)) {
		is_whole = found.count < kMostTimes;
		bool is_null;
		if (is_whole)
			found.times[found.count++] = DatumGetTimestampTz(slot_getattr(slot, column, &is_null));
	}
	ExecDropSingleTupleTableSlot(slot);
	index_endscan(scan);
	table_close(partition, NoLock);
	return is_whole;
}

} // namespace

bool are_only_events_looked_for(Catalog const &catalog, Relation contacts)
{
	if (catalog.is_distributed || contacts->rd_rel->relhassubclass || contacts->rd_rules != nullptr ||
		contacts->rd_rel->relforcerowsecurity)
		return false;
	List *events = find_all_inheritors(catalog.events, NoLock, nullptr);
	TriggerDesc const *triggers = contacts->trigdesc;
	for (int i = 0; triggers != nullptr && i < triggers->numtriggers; i++) {
		Trigger const &trigger = triggers->triggers[i];
		bool is_of_events = trigger.tgfoid == F_RI_FKEY_NOACTION_DEL && list_member_oid(events, trigger.tgconstrrelid);
		if (TRIGGER_FOR_DELETE(trigger.tgtype) && trigger.tgenabled != TRIGGER_DISABLED && !is_of_events)
			return false;
	}
	return true;
}

CommitState CommitState::now()
{
	Snapshot now = GetLatestSnapshot();
	return {now->xmax, now->xcnt};
}

List *find_contact_indexes(Oid events)
{
	List *indexes = NIL;
	ListCell *cell;
	foreach (cell, find_all_inheritors(events, AccessShareLock, nullptr)) {
		Relation partition = table_open(lfirst_oid(cell), NoLock);
		bool is_empty = partition->rd_rel->relkind == RELKIND_PARTITIONED_TABLE;
		Oid index = is_empty ? InvalidOid : find_contact_index(partition);
		table_close(partition, NoLock);
		if (OidIsValid(index)) {
			indexes = lappend_oid(indexes, index);
		} else if (!is_empty) {
			return NIL;
		}
	}
	return indexes;
}

void find_events(List *contact_indexes, std::span<std::int64_t const> ids, std::span<bool> has_events)
{
	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	ListCell *cell;
	foreach (cell, contact_indexes) {
		Relation index = index_open(lfirst_oid(cell), NoLock);
		walk_along(index, Walk(ids, has_events));
		index_close(index, NoLock);
	}
	PopActiveSnapshot();
}

std::optional<EventTimes> find_event_times(Oid events, std::int64_t contact)
{
	List *indexes = find_contact_indexes(events);
	if (indexes == NIL)
		return std::nullopt;
	EventTimes found{static_cast<TimestampTz *>(palloc(sizeof(TimestampTz) * kMostTimes)), 0};
	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	ListCell *cell;
	foreach (cell, indexes) {
		Relation index = index_open(lfirst_oid(cell), NoLock);
		bool is_whole = add_event_times(index, contact, found);
		index_close(index, NoLock);
		if (!is_whole)
			break;
	}
	bool is_whole = cell == nullptr;
	PopActiveSnapshot();
	return is_whole ? std::optional(found) : std::nullopt;
}

} // namespace vero::pg
