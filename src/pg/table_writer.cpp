// Decides how rows can be written into a table.
#include "pg/table_writer.hpp"

#include "pg/boundary.hpp"
#include "pg/index_spool.hpp"

extern "C" {
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_am_d.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_namespace_d.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
}

namespace vero::pg {
namespace {

bool is_kept(TargetTable const &table, char const *constraint)
{
	return constraint != nullptr && std::any_of(table.kept_constraints.begin(), table.kept_constraints.end(),
												[&](char const *kept) { return strcmp(kept, constraint) == 0; });
}

/// In a session of this session_replication_role.
bool is_enabled(Trigger const &trigger)
{
	char other = SessionReplicationRole == SESSION_REPLICATION_ROLE_REPLICA ? TRIGGER_FIRES_ON_ORIGIN
																			: TRIGGER_FIRES_ON_REPLICA;
	return trigger.tgenabled != TRIGGER_DISABLED && trigger.tgenabled != other;
}

/// Only foreign keys and triggers that are kept fire on INSERT.
bool has_silent_triggers(TargetTable const &table, TriggerDesc const *triggers)
{
	for (int i = 0; triggers != nullptr && i < triggers->numtriggers; i++) {
		Trigger const &trigger = triggers->triggers[i];
		if (!TRIGGER_FOR_INSERT(trigger.tgtype) || !is_enabled(trigger))
			continue;
		bool is_foreign_key = trigger.tgisinternal && RI_FKey_trigger_type(trigger.tgfoid) == RI_TRIGGER_FK;
		if (!is_kept(table, is_foreign_key ? get_constraint_name(trigger.tgconstraint) : trigger.tgname))
			return false;
	}
	return true;
}

/// No column wants a value of its own, and all checks are kept.
bool has_plain_columns(TargetTable const &table, TupleDesc columns)
{
	TupleConstr const *constraints = columns->constr;
	for (int i = 0; constraints != nullptr && i < constraints->num_check; i++)
		if (!is_kept(table, constraints->check[i].ccname))
			return false;
	for (int i = 0; i < columns->natts; i++) {
		Form_pg_attribute column = TupleDescAttr(columns, i);
		char const *name = NameStr(column->attname);
		bool is_ours = std::any_of(table.columns.begin(), table.columns.end(),
								   [name](char const *ours) { return strcmp(ours, name) == 0; });
		bool wants_more = column->atthasdef || column->attnotnull || column->attgenerated || column->attidentity;
		if (!column->attisdropped && !is_ours && (wants_more || get_typtype(column->atttypid) == TYPTYPE_DOMAIN))
			return false;
	}
	return true;
}

/// An extension that spreads tables out of sight of the heap: Citus, TimescaleDB.
bool is_distribution_installed()
{
	Oid timescale = get_namespace_oid("_timescaledb_catalog", true);
	return OidIsValid(get_relname_relid("pg_dist_partition", PG_CATALOG_NAMESPACE)) || OidIsValid(timescale);
}

} // namespace

bool is_plain_table(TargetTable const &table, Relation relation)
{
	Form_pg_class form = relation->rd_rel;
	return form->relkind == RELKIND_RELATION && form->relam == HEAP_TABLE_AM_OID && !form->relispartition &&
		   !form->relhassubclass && relation->rd_rules == nullptr && !is_distribution_installed() &&
		   (OidIsValid(table.run_as) || check_enable_rls(table.relation, InvalidOid, true) == RLS_NONE) &&
		   has_silent_triggers(table, relation->trigdesc) && has_plain_columns(table, RelationGetDescr(relation));
}

void Rows::clear()
{
	count = 0;
	values.clear();
	nulls.clear();
}

void Rows::add(Datum value)
{
	values.push_back(value);
	nulls.push_back(' ');
}

void Rows::add_null()
{
	values.push_back(0);
	nulls.push_back('n');
}

std::unique_ptr<TableWriter> open_table_writer(TargetTable const &table)
{
	bool is_plain = false;
	Relation relation = call([&] {
		Relation opened = table_open(table.relation, RowExclusiveLock);
		is_plain = is_plain_table(table, opened) && has_spoolable_indexes(opened);
		return opened;
	});
	return is_plain ? open_heap_writer(table, relation) : open_sql_writer(table, relation);
}

} // namespace vero::pg
