// Where this server stands in a cluster of Citus, and what the extension does about it.
#include "pg/sql/citus_node.hpp"

#include "pg/base/boundary.hpp"

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_am_d.h"
#include "catalog/pg_class_d.h"
#include "catalog/pg_namespace_d.h"
#include "catalog/pg_type_d.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

namespace vero::pg {
namespace {

constexpr char const *kMode = "citus.multi_shard_modify_mode";

/// The number of this node's group, which is 0 for a coordinator. `catalog` is Citus' pg_dist_local_group.
int read_group(Oid catalog)
{
	AttrNumber number = get_attnum(catalog, "groupid");
	int group = 0;
	if (number == InvalidAttrNumber || get_atttype(catalog, number) != INT4OID)
		return group;
	Relation relation = table_open(catalog, AccessShareLock);
	if (relation->rd_rel->relkind == RELKIND_RELATION && relation->rd_rel->relam == HEAP_TABLE_AM_OID) {
		SysScanDesc scan = systable_beginscan(relation, InvalidOid, false, nullptr, 0, nullptr);
		HeapTuple row = systable_getnext(scan);
		bool is_null = true;
		Datum value = HeapTupleIsValid(row) ? heap_getattr(row, number, RelationGetDescr(relation), &is_null) : 0;
		group = is_null ? 0 : DatumGetInt32(value);
		systable_endscan(scan);
	}
	table_close(relation, AccessShareLock);
	return group;
}

} // namespace

bool is_worker_node()
{
	Oid catalog = get_relname_relid("pg_dist_local_group", PG_CATALOG_NAMESPACE);
	return OidIsValid(catalog) && read_group(catalog) != 0;
}

void require_coordinator()
{
	if (is_worker_node()) {
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("this server is a worker node of a Citus cluster"),
						errdetail("Imports, jobs, mail and partitions are the coordinator's business."),
						errhint("Connect to the coordinator: SELECT nodename, nodeport FROM pg_dist_node WHERE groupid "
								"= 0 says where it is.")));
	}
}

void change_in_order(Catalog const &catalog)
{
	if (!catalog.is_distributed)
		return;
	LockDatabaseObject(RelationRelationId, catalog.contacts, 0, ExclusiveLock);
	char const *mode = GetConfigOption(kMode, true, false);
	if (mode != nullptr && strcmp(mode, "sequential") != 0)
		(void)set_config_option(kMode, "sequential", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
}

bool may_leave_out_key_checks(Oid role)
{
	return superuser_arg(role) && SessionReplicationRole == SESSION_REPLICATION_ROLE_ORIGIN;
}

void set_key_checks(KeyChecks checks)
{
	(void)set_config_option("citus.propagate_set_commands", "local", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true,
							0, false);
	// Citus tells the nodes of a SET in a transaction of several statements, which a block is
	char const *sql = checks == KeyChecks::are_on ? "DO 'BEGIN SET LOCAL session_replication_role = ''origin''; END'"
												  : "DO 'BEGIN SET LOCAL session_replication_role = ''replica''; END'";
	if (SPI_execute(sql, false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not tell the nodes whether to check foreign keys");
}

} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_is_distributed)
{
	return enter([&] { return BoolGetDatum(find_catalog().is_distributed); });
}
