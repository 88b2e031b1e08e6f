/*
 * The floor under any import: rows that lie in memory, ready as the table keeps them, go into its heap and its primary key.
 *
 * floor_insert(source, target) first reads all rows of `source`, a table that was made like `target`, into memory. What it
 * measures comes after that: multi-insert with bulk-insert state, 1000 rows at a time, as COPY does it; sorting the entries of
 * the primary key (contact_id, occurred_at, id) of the whole import; inserting them in that order, each with the check for
 * uniqueness that a primary key makes. No parsing, no checks of values, no contacts, no other index, and the commit comes after
 * it. Returns {reading, heap, sorting, index} in seconds.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/relscan.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/pg_type_d.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "portability/instr_time.h"
#include "utils/array.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

PG_MODULE_MAGIC;
PG_FUNCTION_INFO_V1(floor_insert);

#define ROWS_AT_ONCE 1000

typedef struct Entry
{
	int64 key[3];
	ItemPointerData place;
} Entry;

static inline int
compare_entries(const Entry *a, const Entry *b)
{
	for (int i = 0; i < 3; i++)
		if (a->key[i] != b->key[i])
			return a->key[i] < b->key[i] ? -1 : 1;
	return 0;
}

#define ST_SORT sort_entries
#define ST_ELEMENT_TYPE Entry
#define ST_COMPARE(a, b) compare_entries(a, b)
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

/* Seconds since `since`, which becomes now. */
static double
lap(instr_time *since)
{
	instr_time now, elapsed;

	INSTR_TIME_SET_CURRENT(now);
	elapsed = now;
	INSTR_TIME_SUBTRACT(elapsed, *since);
	*since = now;
	return INSTR_TIME_GET_DOUBLE(elapsed);
}

static HeapTuple *
read_rows(Relation source, uint64 *count)
{
	Snapshot snapshot = GetActiveSnapshot();
	TableScanDesc scan = table_beginscan(source, snapshot, 0, NULL);
	uint64 room = ROWS_AT_ONCE;
	HeapTuple *rows = palloc(room * sizeof(HeapTuple));
	HeapTuple row;

	*count = 0;
	while ((row = heap_getnext(scan, ForwardScanDirection)) != NULL)
	{
		if (*count == room)
			rows = repalloc_huge(rows, (room *= 2) * sizeof(HeapTuple));
		rows[(*count)++] = heap_copytuple(row);
	}
	table_endscan(scan);
	return rows;
}

static void
insert_rows(Relation target, HeapTuple *rows, uint64 count, const AttrNumber *columns, Entry *entries)
{
	TupleTableSlot *slots[ROWS_AT_ONCE];
	BulkInsertState bulk_state = GetBulkInsertState();
	MemoryContext memory = AllocSetContextCreate(CurrentMemoryContext, "floor", ALLOCSET_DEFAULT_SIZES);
	CommandId command = GetCurrentCommandId(true);

	for (int i = 0; i < ROWS_AT_ONCE; i++)
		slots[i] = MakeSingleTupleTableSlot(RelationGetDescr(target), &TTSOpsHeapTuple);
	for (uint64 from = 0; from < count; from += ROWS_AT_ONCE)
	{
		int rows_now = (int) Min(ROWS_AT_ONCE, count - from);
		MemoryContext before = MemoryContextSwitchTo(memory);

		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < rows_now; i++)
		{
			rows[from + i]->t_tableOid = RelationGetRelid(target);
			ExecStoreHeapTuple(rows[from + i], slots[i], false);
		}
		table_multi_insert(target, slots, rows_now, command, 0, bulk_state);
		for (int i = 0; i < rows_now; i++)
		{
			Entry *entry = &entries[from + i];
			bool is_null;

			for (int column = 0; column < 3; column++)
				entry->key[column] = DatumGetInt64(slot_getattr(slots[i], columns[column], &is_null));
			entry->place = slots[i]->tts_tid;
			ExecClearTuple(slots[i]);
		}
		MemoryContextSwitchTo(before);
		MemoryContextReset(memory);
	}
	for (int i = 0; i < ROWS_AT_ONCE; i++)
		ExecDropSingleTupleTableSlot(slots[i]);
	FreeBulkInsertState(bulk_state);
	table_finish_bulk_insert(target, 0);
}

static void
insert_entries(Relation target, Relation index, IndexInfo *info, Entry *entries, uint64 count)
{
	bool nulls[3] = {false, false, false};

	for (uint64 i = 0; i < count; i++)
	{
		Datum values[3];

		if (i % 10000 == 0)
			CHECK_FOR_INTERRUPTS();
		for (int column = 0; column < 3; column++)
			values[column] = Int64GetDatum(entries[i].key[column]);
		index_insert(index, values, nulls, &entries[i].place, target, UNIQUE_CHECK_YES, false, info);
	}
}

Datum
floor_insert(PG_FUNCTION_ARGS)
{
	Relation source = table_open(PG_GETARG_OID(0), AccessShareLock);
	Relation target = table_open(PG_GETARG_OID(1), RowExclusiveLock);
	Relation index;
	IndexInfo *info;
	HeapTuple *rows;
	Entry *entries;
	uint64 count;
	instr_time since;
	double seconds[4];
	Datum result[4];

	if (list_length(RelationGetIndexList(target)) != 1 || RelationGetDescr(source)->natts != RelationGetDescr(target)->natts)
		elog(ERROR, "a table made like the source with one index is wanted");
	index = index_open(linitial_oid(RelationGetIndexList(target)), RowExclusiveLock);
	info = BuildIndexInfo(index);
	for (int i = 0; i < info->ii_NumIndexKeyAttrs; i++)
	{
		Oid type = TupleDescAttr(RelationGetDescr(target), info->ii_IndexAttrNumbers[i] - 1)->atttypid;

		if (info->ii_NumIndexKeyAttrs != 3 || !info->ii_Unique || (type != INT8OID && type != TIMESTAMPTZOID))
			elog(ERROR, "an index on three columns of bigint or timestamptz is wanted");
	}

	INSTR_TIME_SET_CURRENT(since);
	rows = read_rows(source, &count);
	entries = MemoryContextAllocHuge(CurrentMemoryContext, Max(1, count) * sizeof(Entry));
	memset(entries, 0, count * sizeof(Entry)); /* so that its pages are there */
	seconds[0] = lap(&since);
	insert_rows(target, rows, count, info->ii_IndexAttrNumbers, entries);
	seconds[1] = lap(&since);
	sort_entries(entries, count);
	seconds[2] = lap(&since);
	insert_entries(target, index, info, entries, count);
	seconds[3] = lap(&since);

	index_close(index, NoLock);
	table_close(target, NoLock);
	table_close(source, NoLock);
	for (int i = 0; i < 4; i++)
		result[i] = Float8GetDatum(seconds[i]);
	PG_RETURN_ARRAYTYPE_P(construct_array(result, 4, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}
