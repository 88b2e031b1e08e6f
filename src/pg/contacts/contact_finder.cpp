// Finds and locks contacts by their addresses, straight through the index.
#include "pg/contacts/contact_finder.hpp"

#include "pg/base/compat.hpp"
#include "pg/base/datum.hpp"

extern "C" {
#include "access/genam.h"
#include "access/heapam.h"
#include "access/skey.h"
#include "access/subtrans.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_collation_d.h"
#include "storage/lock.h"
#include "storage/procarray.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
}

namespace vero::pg {
namespace {

constexpr AttrNumber kIdNumber = 1;
constexpr AttrNumber kEmailNumber = 2;
constexpr std::size_t kInterruptEvery = 1'000; // addresses

/// A row of this transaction's is nobody else's to delete.
bool is_ours(TupleTableSlot *slot)
{
	bool should_free;
	HeapTuple row = ExecFetchSlotHeapTuple(slot, false, &should_free);
	return TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(row->t_data));
}

} // namespace

ContactFinder::ContactFinder(Relation table, Relation email_index)
	: table_(table), index_(email_index), found_(table_slot_create(table, nullptr)),
	  locked_(table_slot_create(table, nullptr))
{
}

void ContactFinder::find(std::span<StoredBytes const> emails, std::span<std::int64_t> ids)
{
	CommandCounterIncrement(); // for the contacts that this import created
	PushActiveSnapshot(GetTransactionSnapshot());
	IndexScanDesc scan = compat::begin_index_scan(table_, index_, GetActiveSnapshot(), 1);
	for (std::size_t i = 0; i < emails.size(); i++) {
		if (i % kInterruptEvery == 0)
			CHECK_FOR_INTERRUPTS();
		Datum email = as_varlena(emails[i]);
		ScanKeyData key;
		ScanKeyEntryInitialize(&key, 0, 1, BTEqualStrategyNumber, InvalidOid, C_COLLATION_OID, F_TEXTEQ, email);
		index_rescan(scan, &key, 1, nullptr, 0);
		ids[i] = 0;
		bool is_null;
		while (ids[i] == 0 && index_getnext_slot(scan, ForwardScanDirection, found_)) {
			if (is_ours(found_)) {
				ids[i] = DatumGetInt64(slot_getattr(found_, kIdNumber, &is_null));
			} else if (lock(email)) {
				ids[i] = DatumGetInt64(slot_getattr(locked_, kIdNumber, &is_null));
			}
		}
	}
	ExecClearTuple(found_);
	ExecClearTuple(locked_);
	index_endscan(scan);
	PopActiveSnapshot();
}

Presence ContactFinder::look_up(StoredBytes email)
{
	SnapshotData dirty;
	InitDirtySnapshot(dirty);
	IndexScanDesc scan = compat::begin_index_scan(table_, index_, &dirty, 1);
	ScanKeyData key;
	ScanKeyEntryInitialize(&key, 0, 1, BTEqualStrategyNumber, InvalidOid, C_COLLATION_OID, F_TEXTEQ, as_varlena(email));
	index_rescan(scan, &key, 1, nullptr, 0);
	Presence presence;
	presence.is_there = index_getnext_slot(scan, ForwardScanDirection, found_);
	if (presence.is_there) {
		// who inserts it, or who deletes it or changes its address
		presence.holder = TransactionIdIsValid(dirty.xmin) ? dirty.xmin : dirty.xmax;
		if (!TransactionIdIsValid(presence.holder))
			check_visible();
	}
	ExecClearTuple(found_);
	index_endscan(scan);
	return presence;
}

/// The row in found_, as INSERT ... ON CONFLICT demands it.
void ContactFinder::check_visible()
{
	if (IsolationUsesXactSnapshot() && !is_ours(found_) &&
		!table_tuple_satisfies_snapshot(table_, found_, GetTransactionSnapshot())) {
		ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
						errmsg("could not serialize access due to concurrent update")));
	}
}

/// As XactLockTableWait() does, but a subtransaction that was released is waited for as a part of its parent, not of the whole transaction:
/// where that is rolled back to a savepoint, what it had created is gone, and it may come to wait for whoever still waits for it.
void ContactFinder::wait_for(TransactionId holder)
{
	while (TransactionIdIsValid(holder)) {
		LOCKTAG tag;
		SET_LOCKTAG_TRANSACTION(tag, holder);
		(void)LockAcquire(&tag, ShareLock, false, false);
		LockRelease(&tag, ShareLock, false);
		if (!TransactionIdIsInProgress(holder))
			return;
		TransactionId parent = SubTransGetParent(holder);
		if (TransactionIdIsValid(parent)) {
			holder = parent;
		} else {
			CHECK_FOR_INTERRUPTS();
			pg_usleep(1000); // it is about to take its lock, or has given it back a moment before its end
		}
	}
}

/// Locks the row in found_ as the executor's LockRows does; false where there is no such contact any more.
bool ContactFinder::lock(Datum email)
{
	int flags = TUPLE_LOCK_FLAG_LOCK_UPDATE_IN_PROGRESS;
	if (!IsolationUsesXactSnapshot())
		flags |= TUPLE_LOCK_FLAG_FIND_LAST_VERSION;
	ItemPointerData place = found_->tts_tid;
	TM_FailureData failure;
	bool is_null;
	switch (table_tuple_lock(table_, &place, GetActiveSnapshot(), locked_, GetCurrentCommandId(false),
							 LockTupleKeyShare, LockWaitBlock, flags, &failure)) {
	case TM_Ok: // perhaps of a later version, which may have another address
		return !failure.traversed ||
			   DatumGetBool(DirectFunctionCall2Coll(texteq, C_COLLATION_OID, email,
													slot_getattr(locked_, kEmailNumber, &is_null)));
	case TM_SelfModified:
		return false;
	case TM_Updated:
	case TM_Deleted:
		if (IsolationUsesXactSnapshot()) {
			ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
							errmsg("could not serialize access due to concurrent update")));
		}
		return false;
	default:
		elog(ERROR, "could not lock a contact");
	}
	return false;
}

void ContactFinder::close()
{
	ExecDropSingleTupleTableSlot(found_);
	ExecDropSingleTupleTableSlot(locked_);
}

} // namespace vero::pg
