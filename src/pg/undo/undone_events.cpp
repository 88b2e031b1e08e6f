// Removes the events of an import.
#include "pg/undo/undone_events.hpp"

#include "pg/sql/statement.hpp"
#include "pg/undo/index_settings.hpp"

extern "C" {
#include "access/table.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

namespace vero::pg {
namespace {

constexpr Statement kRemoveEventsOfImport{
	R"(
	DELETE FROM vero.events
	WHERE import_id = $1)",
	{INT8OID}};

constexpr Statement kAreEventsLeft{
	R"(
	SELECT EXISTS (SELECT FROM vero.events AS e WHERE e.import_id = $1) AS are_left)",
	{INT8OID},
	{{"are_left", BOOLOID}}};

/// What may keep rows of this table from being deleted, in words; null where nothing does. To be called in call().
char const *find_keeper(Relation table)
{
	TriggerDesc const *triggers = table->trigdesc;
	for (int i = 0; triggers != nullptr && i < triggers->numtriggers; i++) {
		Trigger const &one = triggers->triggers[i];
		if (one.tgenabled != TRIGGER_DISABLED &&
			TRIGGER_TYPE_MATCHES(one.tgtype, TRIGGER_TYPE_ROW, TRIGGER_TYPE_BEFORE, TRIGGER_TYPE_DELETE))
			return psprintf("trigger \"%s\"", one.tgname);
	}
	return table->rd_rules != nullptr ? "a rule" : table->rd_rel->relforcerowsecurity ? "row-level security" : nullptr;
}

/// What keeps events of the import that were to be deleted; null where none are left. To be called in call(), as the owner.
char const *find_keeper_of_events(Catalog const &catalog, std::int64_t import)
{
	char const *keeper = nullptr;
	ListCell *cell;
	foreach (cell, find_all_inheritors(catalog.events, AccessShareLock, nullptr)) {
		Relation table = table_open(lfirst_oid(cell), NoLock);
		char const *one = keeper == nullptr ? find_keeper(table) : nullptr;
		if (one != nullptr) {
			keeper = psprintf("Some of them are left: %s of table \"%s.%s\" keeps them.", one,
							  get_namespace_name(RelationGetNamespace(table)), RelationGetRelationName(table));
		}
		table_close(table, NoLock);
	}
	return keeper != nullptr && run<kAreEventsLeft>({import})[0].boolean("are_left") ? keeper : nullptr;
}

} // namespace

std::int64_t remove_events(Catalog const &catalog, std::int64_t import)
{
	std::int64_t removed = 0;
	char const *keeper = call([&] {
		return as_owner(catalog, [&] {
			use_indexes();
			removed = static_cast<std::int64_t>(run<kRemoveEventsOfImport>({import}).count());
			return find_keeper_of_events(catalog, import);
		});
	});
	if (keeper != nullptr) {
		throw Report{ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
					 "import " + std::to_string(import) + " cannot be undone, as its events cannot be removed", keeper,
					 "Disable it, and undo the import then."};
	}
	return removed;
}

} // namespace vero::pg
