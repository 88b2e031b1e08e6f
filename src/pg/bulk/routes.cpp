// Where the rows of a partitioned table go.
#include "pg/bulk/routes.hpp"

#include "pg/bulk/default_family.hpp"

#include <limits>

extern "C" {
#include "access/table.h"
#include "catalog/pg_am_d.h"
#include "catalog/pg_type_d.h"
#include "partitioning/partbounds.h"
#include "partitioning/partdesc.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
#include "utils/partcache.h"
#include "utils/rel.h"
}

namespace vero::pg {
namespace {

template <class Value> Value *copy(Value const *values, int count)
{
	auto *copied = static_cast<Value *>(palloc(sizeof(Value) * std::max(count, 1)));
	std::copy_n(values, count, copied);
	return copied;
}

PartitionDesc attached(Relation table)
{
	return RelationGetPartitionDesc(table, true);
}

Oid default_partition(Relation table)
{
	PartitionDesc partitions = attached(table);
	int place = partitions->boundinfo != nullptr ? partitions->boundinfo->default_index : -1;
	return place >= 0 ? partitions->oids[place] : InvalidOid;
}

/// Which it is may change until it is locked.
void lock_default_partition(Relation table)
{
	Oid partition = default_partition(table);
	while (OidIsValid(partition)) {
		LockRelationOid(partition, RowExclusiveLock);
		Oid now = default_partition(table);
		if (now == partition)
			return;
		UnlockRelationOid(partition, RowExclusiveLock);
		partition = now;
	}
}

} // namespace

int Routes::find(std::int64_t key) const
{
	auto after = std::upper_bound(bounds, bounds + bound_count, key) - bounds;
	int place = bound_count > 0 ? places[after] : kNone;
	return place != kNone ? place : default_place;
}

bool has_routes(Relation table, char const *column)
{
	if (table->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
		return false;
	PartitionKey key = RelationGetPartitionKey(table);
	if (key->strategy != PARTITION_STRATEGY_RANGE || key->partnatts != 1 || key->partattrs[0] == 0)
		return false;
	Oid type = key->parttypid[0];
	return (type == INT8OID || type == TIMESTAMPTZOID) && key->partopfamily[0] == default_family(type, BTREE_AM_OID) &&
		   key->partattrs[0] == get_attnum(RelationGetRelid(table), column);
}

Routes find_routes(Relation table)
{
	lock_default_partition(table);
	PartitionDesc partitions = attached(table);
	PartitionBoundInfo bounds = partitions->boundinfo;
	Routes routes;
	routes.count = partitions->nparts;
	routes.partitions = copy(partitions->oids, partitions->nparts);
	if (bounds == nullptr)
		return routes;
	routes.default_place = bounds->default_index;
	routes.places = copy(bounds->indexes, bounds->nindexes);
	auto *values = static_cast<std::int64_t *>(palloc(sizeof(std::int64_t) * std::max(bounds->ndatums, 1)));
	for (int i = 0; i < bounds->ndatums; i++) {
		PartitionRangeDatumKind kind = bounds->kind[i][0];
		if (kind == PARTITION_RANGE_DATUM_MAXVALUE) // nothing begins there
			break;
		values[routes.bound_count++] = kind == PARTITION_RANGE_DATUM_MINVALUE ? std::numeric_limits<std::int64_t>::min()
																			  : DatumGetInt64(bounds->datums[i][0]);
	}
	routes.bounds = values;
	return routes;
}

Routes find_routes(Oid table, char const *column)
{
	Relation relation = table_open(table, RowExclusiveLock);
	Routes routes;
	routes.default_place = 0;
	if (has_routes(relation, column))
		routes = find_routes(relation);
	table_close(relation, NoLock);
	return routes;
}

} // namespace vero::pg
