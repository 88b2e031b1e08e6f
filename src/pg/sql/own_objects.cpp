// Whether a table is still as the extension's script made it.
#include "pg/sql/own_objects.hpp"

#include "pg/sql/catalog.hpp"

extern "C" {
#include "access/transam.h"
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_trigger.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_relation.h"
#include "parser/parser.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

namespace vero::pg {
namespace {

/// The expression of `SELECT sql`.
Node *parse(char const *sql)
{
	auto *statement = linitial_node(RawStmt, raw_parser(psprintf("SELECT %s", sql), RAW_PARSE_DEFAULT));
	auto *select = reinterpret_cast<SelectStmt *>(statement->stmt);
	return linitial_node(ResTarget, select->targetList)->val;
}

bool is_foreign_function(Oid function, void *)
{
	return function >= FirstNormalObjectId && getExtensionOfObject(ProcedureRelationId, function) != find_extension();
}

bool is_no_harmless_function(Oid function, void *)
{
	return function >= FirstNormalObjectId || func_volatile(function) != PROVOLATILE_IMMUTABLE;
}

/// For a walker that the header declares without arguments.
auto *as_walker(bool (*walker)(Node *, void *))
{
	return reinterpret_cast<bool (*)()>(reinterpret_cast<void (*)()>(walker));
}

bool calls_foreign_function(Node *node, void *)
{
	return node != nullptr && (check_functions_in_node(node, is_foreign_function, nullptr) ||
							   expression_tree_walker(node, as_walker(calls_foreign_function), nullptr));
}

bool contains_harm(Node *node, void *)
{
	return node != nullptr &&
		   (IsA(node, CoerceToDomain) || check_functions_in_node(node, is_no_harmless_function, nullptr) ||
			expression_tree_walker(node, as_walker(contains_harm), nullptr));
}

/// A check as PostgreSQL stores it.
Node *analyze_check(Relation relation, char const *sql)
{
	ParseState *state = make_parsestate(nullptr);
	addNSItemToQuery(state, addRangeTableEntryForRelation(state, relation, AccessShareLock, nullptr, false, false),
					 true, true, true);
	Node *check = coerce_to_boolean(state, transformExpr(state, parse(sql), EXPR_KIND_CHECK_CONSTRAINT), "CHECK");
	assign_expr_collations(state, check);
	free_parsestate(state);
	return check;
}

/// A default as PostgreSQL stores it.
Node *analyze_default(Form_pg_attribute column, char const *sql)
{
	ParseState *state = make_parsestate(nullptr);
	Node *value = transformExpr(state, parse(sql), EXPR_KIND_COLUMN_DEFAULT);
	value = coerce_to_target_type(state, value, exprType(value), column->atttypid, column->atttypmod,
								  COERCION_ASSIGNMENT, COERCE_IMPLICIT_CAST, -1);
	assign_expr_collations(state, value);
	free_parsestate(state);
	return value;
}

/// Where it calls functions of the same name that are not the extension's, it is not the script's.
bool is_stored_as(Node *expression, char const *stored)
{
	return equal(expression, stringToNode(stored)) && !calls_foreign_function(expression, nullptr);
}

char const *stored_default(TupleDesc columns, AttrNumber number)
{
	for (int i = 0; i < columns->constr->num_defval; i++) {
		if (columns->constr->defval[i].adnum == number)
			return columns->constr->defval[i].adbin;
	}
	return "<>"; // no expression at all
}

/// What gives it a value where a row has none is what the script says: nothing, or this default.
bool has_own_default(OwnColumn const &own, TupleDesc columns, AttrNumber number)
{
	Form_pg_attribute column = TupleDescAttr(columns, number - 1);
	if (column->attidentity != '\0' || column->atthasdef != (own.default_value != nullptr))
		return false;
	return own.default_value == nullptr ||
		   is_stored_as(analyze_default(column, own.default_value), stored_default(columns, number));
}

bool has_own_type(OwnColumn const &own, Form_pg_attribute column)
{
	Oid collation = OidIsValid(own.collation) ? own.collation : get_typcollation(own.type);
	return column->atttypid == own.type && column->atttypmod == -1 && column->attcollation == collation &&
		   column->attgenerated == '\0' && (column->attidentity != '\0') == own.is_identity &&
		   (own.is_not_null || !column->attnotnull);
}

/// One that the script does not know, and that a row may be silent about.
bool is_optional(Form_pg_attribute column)
{
	return !column->atthasdef && !column->attnotnull && column->attidentity == '\0' &&
		   get_typtype(column->atttypid) != TYPTYPE_DOMAIN;
}

bool is_named(Form_pg_attribute column, std::span<char const *const> names)
{
	return std::any_of(names.begin(), names.end(),
					   [column](char const *name) { return strcmp(name, NameStr(column->attname)) == 0; });
}

bool has_own_columns(OwnTable const &own, TupleDesc columns, std::span<char const *const> given)
{
	std::size_t found = 0;
	for (int number = 1; number <= columns->natts; number++) {
		Form_pg_attribute column = TupleDescAttr(columns, number - 1);
		if (column->attisdropped)
			continue;
		OwnColumn const *made = own.find_column(NameStr(column->attname));
		if (made == nullptr ? !is_optional(column)
							: !has_own_type(*made, column) ||
								  (!is_named(column, given) && !has_own_default(*made, columns, number)))
			return false;
		found += made != nullptr ? 1 : 0;
	}
	return found == own.columns.size();
}

/// To be asked once it is known that the table's columns are the extension's.
bool has_own_checks(OwnTable const &own, Relation relation)
{
	TupleConstr const *constraints = RelationGetDescr(relation)->constr;
	int count = constraints != nullptr ? constraints->num_check : 0;
	std::array<Node *, 8> checks;
	for (std::size_t i = 0; count > 0 && i < own.checks.size(); i++)
		checks.at(i) = analyze_check(relation, own.checks[i]);
	for (int i = 0; i < count; i++) {
		if (std::none_of(checks.begin(), checks.begin() + own.checks.size(),
						 [&](Node *check) { return is_stored_as(check, constraints->check[i].ccbin); }))
			return false;
	}
	return true;
}

/// No column of it has a value.
bool is_of_nulls(ForeignKeyCacheInfo const &key, TupleDesc columns, std::span<char const *const> given)
{
	for (int i = 0; i < key.nkeys; i++) {
		Form_pg_attribute column = TupleDescAttr(columns, key.conkey[i] - 1);
		if (column->atthasdef || is_named(column, given))
			return false;
	}
	return true;
}

bool is_own_foreign_key(OwnTable const &own, Relation relation, Oid constraint, std::span<char const *const> given)
{
	ListCell *cell;
	foreach (cell, static_cast<List *>(copyObjectImpl(RelationGetFKeyList(relation)))) { // for the same reason
		auto *key = static_cast<ForeignKeyCacheInfo *>(lfirst(cell));
		if (key->conoid != constraint)
			continue;
		if (is_of_nulls(*key, RelationGetDescr(relation), given))
			return true;
		if (key->nkeys != 1 || get_opcode(key->conpfeqop[0]) != F_INT8EQ || !is_own_relation(key->confrelid))
			return false;
		char const *column = get_attname(key->conrelid, key->conkey[0], false);
		char const *table = get_rel_name(key->confrelid);
		return strcmp(get_attname(key->confrelid, key->confkey[0], false), "id") == 0 &&
			   std::any_of(own.foreign_keys.begin(), own.foreign_keys.end(), [&](OwnForeignKey const &made) {
				   return strcmp(made.column, column) == 0 && strcmp(made.table, table) == 0;
			   });
	}
	return false;
}

/// That wakes the worker, or checks what whoever writes the row honours.
bool is_own_trigger(OwnTable const &own, Trigger const &trigger)
{
	if (!TRIGGER_FOR_AFTER(trigger.tgtype) ||
		getExtensionOfObject(ProcedureRelationId, trigger.tgfoid) != find_extension())
		return false;
	char const *function = get_func_name(trigger.tgfoid);
	return strcmp(function, "check_foreign_keys") == 0 || (own.wakes_worker && strcmp(function, "wake_worker") == 0);
}

/// True where the trigger fires under this session's session_replication_role.
bool is_enabled(Trigger const &trigger)
{
	char other =
		SessionReplicationRole == SESSION_REPLICATION_ROLE_REPLICA ? TRIGGER_FIRES_ON_ORIGIN : TRIGGER_FIRES_ON_REPLICA;
	return trigger.tgenabled != TRIGGER_DISABLED && trigger.tgenabled != other;
}

bool has_own_triggers(OwnTable const &own, Relation relation, std::span<char const *const> given)
{
	// the relation cache may make them anew with every look into a catalog
	TriggerDesc const *triggers = CopyTriggerDesc(relation->trigdesc);
	for (int i = 0; triggers != nullptr && i < triggers->numtriggers; i++) {
		Trigger const &trigger = triggers->triggers[i];
		if (!TRIGGER_FOR_INSERT(trigger.tgtype) || !is_enabled(trigger))
			continue;
		bool is_foreign_key = trigger.tgisinternal && RI_FKey_trigger_type(trigger.tgfoid) == RI_TRIGGER_FK;
		if (is_foreign_key ? !is_own_foreign_key(own, relation, trigger.tgconstraint, given)
						   : !is_own_trigger(own, trigger))
			return false;
	}
	return true;
}

/// A verdict of is_as_made(), good for as long as PostgreSQL tells of no change.
struct Verdict {
	Oid relation;
	char const *const *given;
	std::size_t given_count;
	int replication_role;
	std::uint64_t version;
	bool is_as_made;
};

std::array<Verdict, 8> verdicts{};

} // namespace

OwnColumn const *OwnTable::find_column(char const *column) const
{
	auto place = std::find_if(columns.begin(), columns.end(),
							  [column](auto const &own) { return strcmp(own.name, column) == 0; });
	return place == columns.end() ? nullptr : &*place;
}

bool is_as_made(OwnTable const &own, Relation relation, std::span<char const *const> given)
{
	std::uint64_t version = catalog_version();
	bool is_remembered = is_catalog_table(RelationGetRelid(relation)); // of others no change is told
	Verdict asked{RelationGetRelid(relation), given.data(), given.size(), SessionReplicationRole, version, false};
	auto is_asked = [&](Verdict const &verdict) {
		return verdict.relation == asked.relation && verdict.given == asked.given &&
			   verdict.given_count == asked.given_count && verdict.replication_role == asked.replication_role &&
			   verdict.version == version;
	};
	if (auto known = std::find_if(verdicts.begin(), verdicts.end(), is_asked); is_remembered && known != verdicts.end())
		return known->is_as_made;
	UserSwitch caller = UserSwitch::become(GetUserId()); // for its search_path
	asked.is_as_made = has_own_columns(own, RelationGetDescr(relation), given) && has_own_checks(own, relation) &&
					   has_own_triggers(own, relation, given);
	caller.undo();
	if (is_remembered) {
		std::rotate(verdicts.begin(), verdicts.end() - 1, verdicts.end());
		verdicts[0] = asked;
	}
	return asked.is_as_made;
}

bool is_harmless(Node *expression)
{
	return !contains_harm(expression, nullptr);
}

} // namespace vero::pg
