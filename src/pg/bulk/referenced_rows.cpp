// Looks for what rows refer to, where code of others has run since that was locked.
#include "pg/bulk/referenced_rows.hpp"

#include "pg/base/compat.hpp"
#include "pg/bulk/each_index.hpp"

extern "C" {
#include "access/genam.h"
#include "access/skey.h"
#include "access/table.h"
#include "access/tableam.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
}

namespace vero::pg {
namespace {

constexpr std::size_t kInterruptEvery = 1'000;

/// In order, each once; palloced.
std::span<std::int64_t> values_of(std::size_t column, std::size_t columns, Rows const &rows)
{
	auto *values = static_cast<std::int64_t *>(palloc(sizeof(std::int64_t) * std::max(rows.count, std::size_t{1})));
	std::int64_t *end = values;
	for (std::size_t row = 0; row < rows.count; row++) {
		if (rows.nulls[row * columns + column] != 'n')
			*end++ = DatumGetInt64(rows.values[row * columns + column]);
	}
	std::sort(values, end);
	return {values, std::unique(values, end)};
}

Oid primary_key_of(Relation table)
{
	Oid key = InvalidOid;
	each_index(table, [&key](Relation index) {
		if (index->rd_index->indisprimary)
			key = RelationGetRelid(index);
	});
	return key;
}

/// The first of these ids that `table` does not have, as this transaction has left it.
std::optional<std::int64_t> find_missing(Relation table, std::span<std::int64_t const> ids)
{
	Relation index = index_open(primary_key_of(table), AccessShareLock);
	TupleTableSlot *slot = table_slot_create(table, nullptr);
	IndexScanDesc scan = compat::begin_index_scan(table, index, SnapshotSelf, 1);
	std::optional<std::int64_t> missing;
	for (std::size_t i = 0; i < ids.size() && !missing; i++) {
		if (i % kInterruptEvery == 0)
			CHECK_FOR_INTERRUPTS();
		ScanKeyData key;
		ScanKeyInit(&key, 1, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(ids[i]));
		index_rescan(scan, &key, 1, nullptr, 0);
		if (!index_getnext_slot(scan, ForwardScanDirection, slot))
			missing = ids[i];
	}
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	index_close(index, AccessShareLock);
	return missing;
}

} // namespace

void require_referenced(TargetTable const &table, Relation relation, Rows const &rows)
{
	for (OwnForeignKey const &key : table.own.foreign_keys) {
		auto column = std::find_if(table.columns.begin(), table.columns.end(),
								   [&key](char const *name) { return strcmp(name, key.column) == 0; });
		if (column == table.columns.end())
			continue;
		std::span<std::int64_t> ids =
			values_of(static_cast<std::size_t>(column - table.columns.begin()), table.columns.size(), rows);
		Relation referenced = table_open(get_relname_relid(key.table, RelationGetNamespace(relation)), AccessShareLock);
		if (std::optional<std::int64_t> missing = find_missing(referenced, ids)) {
			ereport(ERROR,
					(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
					 errmsg("insert on table \"%s\" violates its foreign key", RelationGetRelationName(relation)),
					 errdetail("Key (%s)=(%lld) is not present in table \"%s\" any more.", key.column,
							   static_cast<long long>(*missing), key.table)));
		}
		table_close(referenced, AccessShareLock);
		pfree(ids.data());
	}
}

} // namespace vero::pg
