// The shards of a table that Citus distributes by the hash of a bigint.
#include "pg/nodes/shards.hpp"

#include "pg/sql/statement.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
}

namespace vero::pg {
namespace {

constexpr Statement kShards{
	R"(
	SELECT s.shardminvalue::integer AS first_hash
	FROM pg_dist_partition AS p
	JOIN pg_dist_object AS o ON o.colocationid = p.colocationid AND o.force_delegation
		AND o.classid = 'pg_proc'::regclass AND o.objid = to_regprocedure('vero.put_events(bigint, bytea)')
	JOIN pg_dist_shard AS s ON s.logicalrelid = p.logicalrelid
	WHERE p.logicalrelid = $1 AND p.partmethod = 'h' AND column_to_column_name(p.logicalrelid, p.partkey) = $2
		AND NOT EXISTS (
			SELECT FROM pg_dist_shard AS s
			JOIN pg_dist_placement AS l ON l.shardid = s.shardid
			WHERE s.logicalrelid = p.logicalrelid
			GROUP BY s.shardid
			HAVING count(*) <> 1)
	ORDER BY first_hash)",
	{OIDOID, TEXTOID},
	{{"first_hash", INT4OID}}};

constexpr Statement kShard{
	R"(
	SELECT s.shardid AS shard, s.shardminvalue::integer AS first_hash, s.shardmaxvalue::integer AS last_hash
	FROM pg_dist_shard AS s
	WHERE s.shardid = get_shard_id_for_distribution_column('vero.events', $1))",
	{INT8OID},
	{{"shard", INT8OID}, {"first_hash", INT4OID}, {"last_hash", INT4OID}}};

// 5 is ShareLock, which whoever moves or splits the shard waits for
constexpr Statement kLock{
	R"(
	SELECT lock_shard_metadata(5, ARRAY[$1]))",
	{INT8OID},
	{{"lock_shard_metadata", VOIDOID}}};

[[noreturn]] void raise_moved()
{
	ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
					errmsg("could not write events because a shard of vero.events was moved or split meanwhile"),
					errhint("Retry the transaction.")));
}

} // namespace

std::int32_t shard_hash(std::int64_t key)
{
	return static_cast<std::int32_t>(DatumGetUInt32(DirectFunctionCall1(hashint8, Int64GetDatum(key))));
}

bool HashRange::has(std::int64_t key) const
{
	std::int32_t hash = shard_hash(key);
	return first <= hash && hash <= last;
}

std::span<std::int32_t const> find_shards(Oid table, char const *column)
{
	auto rows = run<kShards>({ObjectIdGetDatum(table), column});
	auto *begins = static_cast<std::int32_t *>(palloc(sizeof(std::int32_t) * std::max<std::size_t>(rows.count(), 1)));
	for (std::size_t i = 0; i < rows.count(); i++)
		begins[i] = rows[i].int4("first_hash");
	return {begins, rows.count()};
}

LocalShard lock_shard(std::int64_t key)
{
	auto found = run_kept<kShard>({key});
	if (found.count() != 1)
		raise_moved();
	std::int64_t shard = found[0].int8("shard");
	run_kept<kLock>({shard});
	auto still = run_kept<kShard>({key});
	Oid relation = get_relname_relid(psprintf("events_" INT64_FORMAT, shard), get_namespace_oid("vero", false));
	if (still.count() != 1 || still[0].int8("shard") != shard || !OidIsValid(relation))
		raise_moved();
	return {relation, {still[0].int4("first_hash"), still[0].int4("last_hash")}};
}

} // namespace vero::pg
