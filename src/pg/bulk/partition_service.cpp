// What is known of the partitions of a table whose rows are written in bulk.
#include "pg/bulk/partition_service.hpp"

#include "pg/sql/catalog.hpp"

extern "C" {
#include "access/table.h"
#include "commands/trigger.h"
#include "partitioning/partdesc.h"
#include "storage/lmgr.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/rel.h"
}

namespace vero::pg {
namespace {

/// Of one partition. Good for as long as neither it nor the catalog changes.
struct Known {
	Oid partition;		   ///< the key
	std::uint64_t version; ///< 0: is not yet known
	int replication_role;
	PartitionService service;
	bool is_current;
};

HTAB *known = nullptr;
std::uint64_t changes = 0; ///< of partitions that are known

Known *find(Oid partition)
{
	return static_cast<Known *>(hash_search(known, &partition, HASH_FIND, nullptr));
}

void forget(Known &one)
{
	one.is_current = false;
	changes++;
}

void note_change(Datum, Oid table)
{
	if (OidIsValid(table)) {
		if (Known *one = find(table))
			forget(*one);
		return;
	}
	HASH_SEQ_STATUS all;
	hash_seq_init(&all, known);
	while (auto *one = static_cast<Known *>(hash_seq_search(&all)))
		forget(*one);
}

void begin_to_know()
{
	if (known != nullptr)
		return;
	HASHCTL form{};
	form.keysize = sizeof(Oid);
	form.entrysize = sizeof(Known);
	known = hash_create("vero_events partitions", 64, &form, HASH_ELEM | HASH_BLOBS);
	CacheRegisterRelcacheCallback(note_change, 0);
}

bool is_good(Known const &one)
{
	return one.is_current && one.version == catalog_version() && one.replication_role == SessionReplicationRole;
}

/// The partition is locked only for as long as it is looked at. None where somebody else has it for himself now.
std::optional<PartitionService> look_at(TargetTable const &table, Oid partition)
{
	Known const *one = find(partition);
	if (one != nullptr && is_good(*one))
		return one->service;
	if (!ConditionalLockRelationOid(partition, RowExclusiveLock))
		return std::nullopt;
	Relation relation = table_open(partition, NoLock);
	PartitionService service = who_serves_partition(table, relation);
	table_close(relation, RowExclusiveLock);
	return service;
}

/// What was found out last of a table's partitions.
struct AllTake {
	Oid table;
	std::uint64_t version;
	std::uint64_t changes;
	int replication_role;
	bool all_take;
};

AllTake last{};

} // namespace

PartitionService who_serves_partition(TargetTable const &table, Relation partition)
{
	begin_to_know();
	Oid oid = RelationGetRelid(partition);
	if (Known const *one = find(oid); one != nullptr && is_good(*one))
		return one->service;
	std::uint64_t version = catalog_version();
	*static_cast<Known *>(hash_search(known, &oid, HASH_ENTER, nullptr)) = {
		oid, 0, SessionReplicationRole, {Served::by_nobody, false}, true};
	PartitionService service = find_service(table, partition);
	if (Known *one = find(oid); one != nullptr) { // where it has changed meanwhile, it is no longer current
		one->version = version;
		one->service = service;
	}
	return service;
}

bool all_partitions_take(TargetTable const &table, Relation relation)
{
	begin_to_know();
	AllTake asked{table.relation, catalog_version(), changes, SessionReplicationRole, true};
	if (is_catalog_table(table.relation) && asked.table == last.table && asked.version == last.version &&
		asked.changes == last.changes && asked.replication_role == last.replication_role)
		return last.all_take;
	PartitionDesc partitions = RelationGetPartitionDesc(relation, true);
	auto *oids = static_cast<Oid *>(palloc(sizeof(Oid) * std::max(partitions->nparts, 1)));
	int count = partitions->nparts;
	std::copy_n(partitions->oids, count, oids); // the relation cache may make them anew
	for (int i = 0; i < count && asked.all_take; i++) {
		CHECK_FOR_INTERRUPTS();
		std::optional<PartitionService> service = look_at(table, oids[i]);
		if (!service)
			return false; // for now
		asked.all_take = service->served != Served::by_nobody && !service->has_others_triggers;
	}
	pfree(oids);
	last = asked;
	return asked.all_take;
}

} // namespace vero::pg
