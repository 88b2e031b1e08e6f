// Tables whose rows another extension keeps elsewhere.
#include "pg/sql/spread_table.hpp"

extern "C" {
#include "access/genam.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_am_d.h"
#include "catalog/pg_class_d.h"
#include "catalog/pg_namespace_d.h"
#include "catalog/pg_type_d.h"
#include "commands/extension.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

namespace vero::pg {
namespace {

/// A column of a catalog, and what it has to be equal to.
struct Sought {
	char const *column;
	Oid type;
	Oid equals; ///< the function
	Datum value;
};

bool has_row(Oid catalog, std::span<Sought const> sought)
{
	std::array<ScanKeyData, 2> keys;
	for (std::size_t i = 0; i < sought.size(); i++) {
		AttrNumber number = get_attnum(catalog, sought[i].column);
		if (number == InvalidAttrNumber || get_atttype(catalog, number) != sought[i].type)
			return true;
		ScanKeyInit(&keys.at(i), number, BTEqualStrategyNumber, sought[i].equals, sought[i].value);
	}
	Relation relation = table_open(catalog, AccessShareLock);
	bool is_known = relation->rd_rel->relkind == RELKIND_RELATION && relation->rd_rel->relam == HEAP_TABLE_AM_OID;
	bool found = true;
	if (is_known) {
		SysScanDesc scan =
			systable_beginscan(relation, InvalidOid, false, nullptr, static_cast<int>(sought.size()), keys.data());
		found = HeapTupleIsValid(systable_getnext(scan));
		systable_endscan(scan);
	}
	table_close(relation, AccessShareLock);
	return found;
}

bool is_hypertable(Relation table)
{
	Oid extension = get_extension_oid("timescaledb", true);
	if (!OidIsValid(extension))
		return false;
	Oid schema = get_namespace_oid("_timescaledb_catalog", true);
	Oid catalog = OidIsValid(schema) ? get_relname_relid("hypertable", schema) : InvalidOid;
	if (!OidIsValid(catalog) || getExtensionOfObject(RelationRelationId, catalog) != extension)
		return true;
	NameData schema_name;
	namestrcpy(&schema_name, get_namespace_name(RelationGetNamespace(table)));
	std::array<Sought, 2> const sought{{{"schema_name", NAMEOID, F_NAMEEQ, NameGetDatum(&schema_name)},
										{"table_name", NAMEOID, F_NAMEEQ, NameGetDatum(&table->rd_rel->relname)}}};
	return has_row(catalog, sought);
}

} // namespace

bool is_of_citus(Oid table)
{
	Oid catalog = get_relname_relid("pg_dist_partition", PG_CATALOG_NAMESPACE);
	Sought const sought{"logicalrelid", REGCLASSOID, F_OIDEQ, ObjectIdGetDatum(table)};
	return OidIsValid(catalog) && has_row(catalog, {&sought, 1});
}

bool is_spread(Relation table)
{
	return is_of_citus(RelationGetRelid(table)) || is_hypertable(table);
}

} // namespace vero::pg
