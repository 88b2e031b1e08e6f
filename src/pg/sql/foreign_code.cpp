// Keeps code that somebody else put on a table from running with the rights of the table's owner.
#include "pg/sql/foreign_code.hpp"

#include "pg/sql/catalog.hpp"
#include "pg/sql/own_objects.hpp"

extern "C" {
#include "access/table.h"
#include "access/transam.h"
#include "catalog/dependency.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "rewrite/prs2lock.h"
#include "rewrite/rewriteDefine.h"
#include "rewrite/rowsecurity.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/partcache.h"
#include "utils/plancache.h"
#include "utils/regproc.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
}

namespace vero::pg {
namespace {

/// What is looked at: something on a table that the statement writes, or the statement itself.
struct Inspection {
	Relation table; ///< null: the statement
	char const *kind;
	char const *name;
	Oid trusted;			 ///< whose code may run, beside superusers'
	bool has_others = false; ///< what is neither PostgreSQL's own nor the extension's was met
	/// A trigger's condition, which whoever holds TRIGGER on the table may have written: PostgreSQL's own functions would run
	/// there what he names (query_to_xml, table_to_xml, a cast to an array of his domain), or do what he may not (lo_import).
	bool is_condition = false;
};

Oid owner_of_function(Oid function)
{
	return owner_of(function, PROCOID, Anum_pg_proc_proowner);
}

[[noreturn]] void refuse(Inspection const &inspection, char const *why, char const *hint)
{
	char const *what =
		inspection.table == nullptr
			? "a statement of the extension \"vero_events\""
			: psprintf("%s%s%s%s of table \"%s.%s\"", inspection.kind, *inspection.name != '\0' ? " \"" : "",
					   inspection.name, *inspection.name != '\0' ? "\"" : "",
					   get_namespace_name(RelationGetNamespace(inspection.table)),
					   RelationGetRelationName(inspection.table));
	ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					errmsg("%s is not run with the rights of role \"%s\"", what, GetUserNameFromId(GetUserId(), false)),
					errdetail_internal("%s", why), errhint("%s", hint)));
}

void check_function(Inspection &inspection, Oid function)
{
	if (inspection.is_condition && func_volatile(function) != PROVOLATILE_IMMUTABLE) {
		refuse(inspection,
			   psprintf(
				   "Its condition uses function %s, which is not immutable, and may have been written by any role with "
				   "the privilege TRIGGER.",
				   format_procedure(function)),
			   "Drop it, or let its function decide instead of its condition.");
	}
	if (function < FirstNormalObjectId || getExtensionOfObject(ProcedureRelationId, function) == find_extension())
		return;
	inspection.has_others = true;
	Oid owner = owner_of_function(function);
	if (owner != inspection.trusted && !superuser_arg(owner)) {
		refuse(inspection,
			   psprintf("Function %s belongs to role \"%s\", who is neither that role nor a superuser.",
						format_procedure(function), GetUserNameFromId(owner, false)),
			   "Drop it, or give its function to the owner of the table.");
	}
}

bool visit_function(Oid function, void *inspection)
{
	check_function(*static_cast<Inspection *>(inspection), function);
	return false;
}

void inspect_table(Oid relation, CmdType command);

bool visit(Node *node, void *context);

void visit_domain(Oid type, Inspection &inspection)
{
	// not on the stack: it is called back when the memory context is reset
	auto *constraints = static_cast<DomainConstraintRef *>(palloc0(sizeof(DomainConstraintRef)));
	InitDomainConstraintRef(type, constraints, CurrentMemoryContext, false);
	ListCell *cell;
	foreach (cell, constraints->constraints)
		visit(reinterpret_cast<Node *>(static_cast<DomainConstraintState *>(lfirst(cell))->check_expr), &inspection);
}

/// An expression, or a query with the tables that it writes.
bool visit(Node *node, void *context)
{
	// as the header declares it, a walker has no arguments
	auto *walker = reinterpret_cast<bool (*)()>(reinterpret_cast<void (*)()>(visit));
	auto &inspection = *static_cast<Inspection *>(context);
	if (node == nullptr)
		return false;
	if (IsA(node, Query)) {
		auto *query = reinterpret_cast<Query *>(node);
		if (query->commandType != CMD_SELECT && query->resultRelation > 0)
			inspect_table(rt_fetch(query->resultRelation, query->rtable)->relid, query->commandType);
		return query_tree_walker(query, walker, context, 0);
	}
	if (IsA(node, CoerceToDomain))
		visit_domain(reinterpret_cast<CoerceToDomain *>(node)->resulttype, inspection);
	check_functions_in_node(node, visit_function, context);
	return expression_tree_walker(node, walker, context);
}

void inspect_stored(Inspection &inspection, char const *kind, char const *name, char const *expression)
{
	inspection.kind = kind;
	inspection.name = name;
	visit(static_cast<Node *>(stringToNode(expression)), &inspection);
}

void inspect_triggers(Inspection &inspection, CmdType command)
{
	// the relation cache may make them anew with every look into a catalog
	TriggerDesc const *triggers = CopyTriggerDesc(inspection.table->trigdesc);
	for (int i = 0; triggers != nullptr && i < triggers->numtriggers; i++) {
		Trigger const &trigger = triggers->triggers[i];
		bool is_fired = command == CMD_INSERT	? TRIGGER_FOR_INSERT(trigger.tgtype)
						: command == CMD_UPDATE ? TRIGGER_FOR_UPDATE(trigger.tgtype)
												: TRIGGER_FOR_DELETE(trigger.tgtype);
		if (!is_fired || trigger.tgenabled == TRIGGER_DISABLED)
			continue;
		inspection.kind = "trigger";
		inspection.name = trigger.tgname;
		check_function(inspection, trigger.tgfoid);
		if (trigger.tgnargs > 0) { // it may do anything with them, as write into a table of that name
			refuse(inspection,
				   "It gives its function arguments, which any role with the privilege TRIGGER may have written.",
				   "Drop it, or let a function without arguments do the same.");
		}
		if (trigger.tgqual != nullptr) {
			inspection.is_condition = true;
			visit(static_cast<Node *>(stringToNode(trigger.tgqual)), &inspection);
			inspection.is_condition = false;
		}
		if (trigger.tgfoid == F_RI_FKEY_CASCADE_DEL && is_catalog_table(trigger.tgconstrrelid))
			inspect_table(trigger.tgconstrrelid, CMD_DELETE);
	}
}

void inspect_columns(Inspection &inspection)
{
	TupleDesc columns = RelationGetDescr(inspection.table);
	TupleConstr const *constraints = columns->constr;
	for (int i = 0; constraints != nullptr && i < constraints->num_check; i++)
		inspect_stored(inspection, "check", constraints->check[i].ccname, constraints->check[i].ccbin);
	for (int i = 0; constraints != nullptr && i < constraints->num_defval; i++) {
		inspect_stored(inspection, "default",
					   NameStr(TupleDescAttr(columns, constraints->defval[i].adnum - 1)->attname),
					   constraints->defval[i].adbin);
	}
	for (int i = 0; i < columns->natts; i++) {
		Form_pg_attribute column = TupleDescAttr(columns, i);
		if (column->attisdropped || get_typtype(column->atttypid) != TYPTYPE_DOMAIN)
			continue;
		inspection.kind = "domain of column";
		inspection.name = NameStr(column->attname);
		visit_domain(column->atttypid, inspection);
	}
}

/// As they are stored: the relation cache would simplify them, and run their functions for that.
void inspect_indexes(Inspection &inspection)
{
	ListCell *cell;
	foreach (cell, RelationGetIndexList(inspection.table)) {
		HeapTuple row = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(cell)));
		if (!HeapTupleIsValid(row))
			elog(ERROR, "cache lookup failed for index %u", lfirst_oid(cell));
		for (AttrNumber part : {Anum_pg_index_indexprs, Anum_pg_index_indpred}) {
			bool is_null;
			Datum stored = SysCacheGetAttr(INDEXRELID, row, part, &is_null);
			if (!is_null)
				inspect_stored(inspection, "index", get_rel_name(lfirst_oid(cell)), TextDatumGetCString(stored));
		}
		ReleaseSysCache(row);
	}
	if (inspection.table->rd_rel->relkind == RELKIND_PARTITIONED_TABLE) {
		inspection.kind = "partition key";
		inspection.name = "";
		visit(reinterpret_cast<Node *>(RelationGetPartitionKey(inspection.table)->partexprs), &inspection);
	}
}

void inspect_rules(Inspection &inspection, CmdType command)
{
	RuleLock const *rules = inspection.table->rd_rules;
	for (int i = 0; rules != nullptr && i < rules->numLocks; i++) {
		RewriteRule const *rule = rules->rules[i];
		if (rule->event != command || rule->enabled == RULE_DISABLED)
			continue;
		inspection.kind = "rule";
		inspection.name = "";
		inspection.has_others = true;
		visit(rule->qual, &inspection);
		visit(reinterpret_cast<Node *>(rule->actions), &inspection);
	}
}

void inspect_policies(Inspection &inspection)
{
	RowSecurityDesc const *policies = inspection.table->rd_rsdesc;
	if (policies == nullptr || check_enable_rls(RelationGetRelid(inspection.table), InvalidOid, true) != RLS_ENABLED)
		return;
	inspection.has_others = true; // for this user
	ListCell *cell;
	foreach (cell, policies->policies) {
		auto *policy = static_cast<RowSecurityPolicy *>(lfirst(cell));
		inspection.kind = "policy";
		inspection.name = policy->policy_name;
		visit(reinterpret_cast<Node *>(policy->qual), &inspection);
		visit(reinterpret_cast<Node *>(policy->with_check_qual), &inspection);
	}
}

/// A table of the catalog on which nothing but PostgreSQL's and the extension's own functions was found, good for as long as PostgreSQL
/// tells of no change.
struct Clean {
	Oid relation;
	Oid user;
	CmdType command;
	std::uint64_t version;
	bool operator==(Clean const &) const = default;
};

std::array<Clean, 8> clean_tables{};

void inspect_table(Oid relation, CmdType command)
{
	check_stack_depth(); // rules may go in a circle
	Clean clean{relation, GetUserId(), command, catalog_version()};
	if (std::find(clean_tables.begin(), clean_tables.end(), clean) != clean_tables.end())
		return;
	Relation table = table_open(relation, AccessShareLock);
	Oid owner = table->rd_rel->relowner;
	Inspection inspection{table, "", "", owner == GetUserId() ? owner : InvalidOid};
	inspect_triggers(inspection, command);
	inspect_rules(inspection, command);
	inspect_policies(inspection);
	if (command != CMD_DELETE) {
		inspect_columns(inspection);
		inspect_indexes(inspection);
	}
	bool has_children = table->rd_rel->relhassubclass;
	table_close(table, NoLock);
	ListCell *cell;
	foreach (cell, has_children ? find_inheritance_children(relation, AccessShareLock) : NIL)
		inspect_table(lfirst_oid(cell), command);
	if (inspection.has_others || has_children || !is_catalog_table(relation))
		return;
	std::rotate(clean_tables.begin(), clean_tables.end() - 1, clean_tables.end());
	clean_tables[0] = clean;
}

/// What is analysed once more when it is executed (a table changed, or the role or search_path of a kept plan) is so now, too.
void make_valid(SPIPlanPtr plan)
{
	auto const *source = static_cast<CachedPlanSource *>(linitial(SPI_plan_get_plan_sources(plan)));
	if (!source->is_saved && SPI_plan_is_valid(plan))
		return;
	if (CachedPlan *made = SPI_plan_get_cached_plan(plan))
		ReleaseCachedPlan(made, source->is_saved ? CurrentResourceOwner : nullptr);
}

} // namespace

void refuse_foreign_code(SPIPlanPtr plan)
{
	make_valid(plan);
	Inspection inspection{nullptr, "", "", GetUserId()};
	ListCell *cell;
	foreach (cell, SPI_plan_get_plan_sources(plan))
		visit(reinterpret_cast<Node *>(static_cast<CachedPlanSource *>(lfirst(cell))->query_list), &inspection);
}

} // namespace vero::pg
