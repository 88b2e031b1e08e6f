// The triggers on a table: the extension's own, and those of others.
#include "pg/sql/own_objects.hpp"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

namespace vero::pg {
namespace {

/// No column of it has a value.
bool is_of_nulls(ForeignKeyCacheInfo const &key, TupleDesc columns, std::span<char const *const> given)
{
	for (int i = 0; i < key.nkeys; i++) {
		Form_pg_attribute column = TupleDescAttr(columns, key.conkey[i] - 1);
		bool is_given = std::any_of(given.begin(), given.end(),
									[column](char const *name) { return strcmp(name, NameStr(column->attname)) == 0; });
		if (column->atthasdef || is_given)
			return false;
	}
	return true;
}

bool is_own_foreign_key(OwnTable const &own, Relation relation, Oid constraint, std::span<char const *const> given)
{
	ListCell *cell;
	foreach (cell, static_cast<List *>(copyObjectImpl(RelationGetFKeyList(relation)))) { // which may be made anew
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

/// Whoever writes the row honours what it is for.
bool is_own(OwnTable const &own, Relation relation, Trigger const &trigger, std::span<char const *const> given)
{
	bool is_foreign_key = trigger.tgisinternal && RI_FKey_trigger_type(trigger.tgfoid) == RI_TRIGGER_FK;
	return is_foreign_key ? is_own_foreign_key(own, relation, trigger.tgconstraint, given)
						  : is_own_trigger(own, trigger);
}

} // namespace

OthersTriggers find_others_triggers(OwnTable const &own, Relation relation, std::span<char const *const> given)
{
	// the relation cache may make them anew with every look into a catalog
	TriggerDesc const *triggers = CopyTriggerDesc(relation->trigdesc);
	OthersTriggers found = OthersTriggers::none;
	for (int i = 0; triggers != nullptr && i < triggers->numtriggers; i++) {
		Trigger const &trigger = triggers->triggers[i];
		if (!TRIGGER_FOR_INSERT(trigger.tgtype) || !is_enabled(trigger) || is_own(own, relation, trigger, given))
			continue;
		bool is_before_rows = TRIGGER_FOR_ROW(trigger.tgtype) && !TRIGGER_FOR_AFTER(trigger.tgtype);
		found = std::max(found, is_before_rows ? OthersTriggers::before_rows : OthersTriggers::after_rows);
	}
	return found;
}

bool leave_others_triggers(OwnTable const &own, Relation relation, TriggerDesc *triggers,
						   std::span<char const *const> given)
{
	bool are_left = false;
	for (int i = 0; triggers != nullptr && i < triggers->numtriggers; i++) {
		Trigger &trigger = triggers->triggers[i];
		if (!TRIGGER_FOR_INSERT(trigger.tgtype) || !TRIGGER_FOR_ROW(trigger.tgtype))
			continue;
		if (is_own(own, relation, trigger, given)) {
			trigger.tgenabled = TRIGGER_DISABLED;
		} else {
			are_left = are_left || is_enabled(trigger);
		}
	}
	return are_left;
}

} // namespace vero::pg
