// Whether a table is still as the extension's script made it.
#include "pg/sql/own_objects.hpp"

#include "pg/sql/catalog.hpp"

extern "C" {
#include "access/transam.h"
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_relation.h"
#include "parser/parser.h"
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

/// What is_as_made() depends on, good for as long as PostgreSQL tells of no change.
struct Verdict {
	Oid relation;
	char const *const *given;
	std::size_t given_count;
	int replication_role;
	std::uint64_t version;
	Likeness likeness;
};

std::array<Verdict, 8> verdicts{};

} // namespace

OwnColumn const *OwnTable::find_column(char const *column) const
{
	auto place = std::find_if(columns.begin(), columns.end(),
							  [column](auto const &own) { return strcmp(own.name, column) == 0; });
	return place == columns.end() ? nullptr : &*place;
}

Likeness compare_as_made(OwnTable const &own, Relation relation, std::span<char const *const> given)
{
	std::uint64_t version = catalog_version();
	bool is_remembered = is_catalog_table(RelationGetRelid(relation)); // of others no change is told
	Verdict asked{RelationGetRelid(relation), given.data(), given.size(),
				  SessionReplicationRole,	  version,		{false, OthersTriggers::none}};
	auto is_asked = [&](Verdict const &verdict) {
		return verdict.relation == asked.relation && verdict.given == asked.given &&
			   verdict.given_count == asked.given_count && verdict.replication_role == asked.replication_role &&
			   verdict.version == version;
	};
	if (auto known = std::find_if(verdicts.begin(), verdicts.end(), is_asked); is_remembered && known != verdicts.end())
		return known->likeness;
	UserSwitch caller = UserSwitch::become(GetUserId()); // for its search_path
	asked.likeness.has_own_shape =
		has_own_columns(own, RelationGetDescr(relation), given) && has_own_checks(own, relation);
	if (asked.likeness.has_own_shape)
		asked.likeness.triggers = find_others_triggers(own, relation, given);
	caller.undo();
	if (is_remembered) {
		std::rotate(verdicts.begin(), verdicts.end() - 1, verdicts.end());
		verdicts[0] = asked;
	}
	return asked.likeness;
}

bool is_as_made(OwnTable const &own, Relation relation, std::span<char const *const> given)
{
	Likeness likeness = compare_as_made(own, relation, given);
	return likeness.has_own_shape && likeness.triggers == OthersTriggers::none;
}

bool is_harmless(Node *expression)
{
	return !contains_harm(expression, nullptr);
}

} // namespace vero::pg
