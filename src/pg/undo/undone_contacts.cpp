// Removes the contacts that an import created and that nothing else has touched.
#include "pg/undo/undone_contacts.hpp"

#include "pg/sql/statement.hpp"

extern "C" {
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
}

namespace vero::pg {
namespace {

constexpr int kContactsAtOnce = 10'000;

// Whoever gives a contact an event locks it, until his transaction ends.
constexpr Statement kLockContacts{
	R"(
	WITH created AS MATERIALIZED (
		SELECT c.id
		FROM vero.contacts AS c
		WHERE c.created_by_import = $1 AND c.id > $2
		ORDER BY c.id
		LIMIT $3),
	locked AS MATERIALIZED (
		SELECT c.id
		FROM vero.contacts AS c
		WHERE c.id = ANY (ARRAY(SELECT x.id FROM created AS x))
		FOR UPDATE SKIP LOCKED)
	SELECT (SELECT count(*) FROM created) AS found, (SELECT max(x.id) FROM created AS x) AS last,
		ARRAY(SELECT x.id FROM locked AS x) AS ids)",
	{INT8OID, INT8OID, INT4OID},
	{{"found", INT8OID}, {"last", INT8OID}, {"ids", INT8ARRAYOID}}};

// By a statement of its own, which sees what was committed before the lock was had.
constexpr Statement kFindUntouched{
	R"(
	SELECT c.ctid, c.id
	FROM vero.contacts AS c
	WHERE c.id = ANY ($1) AND c.created_by_import = $2 AND c.unsubscribed_at IS NULL AND c.properties = '{}'
		AND NOT EXISTS (SELECT FROM vero.events AS e WHERE e.contact_id = c.id)
		AND NOT EXISTS (
			SELECT
			FROM vero.messages AS m
			WHERE m.campaign_id = ANY (ARRAY(SELECT k.id FROM vero.campaigns AS k)) AND m.contact_id = c.id
				AND m.state <> ALL ('{failed,cancelled}'::text[])))",
	{INT8ARRAYOID, INT8OID},
	{{"ctid", TIDOID}, {"id", INT8OID}}};

// The same where Citus distributes the events, and looks nothing up for each contact.
constexpr Statement kFindSpreadUntouched{
	R"(
	WITH active AS MATERIALIZED (
		SELECT DISTINCT e.contact_id
		FROM vero.events AS e
		WHERE e.contact_id = ANY ($1)),
	mailed AS MATERIALIZED (
		SELECT m.contact_id
		FROM vero.messages AS m
		WHERE m.campaign_id = ANY (ARRAY(SELECT k.id FROM vero.campaigns AS k)) AND m.contact_id = ANY ($1)
			AND m.state <> ALL ('{failed,cancelled}'::text[]))
	SELECT c.ctid, c.id
	FROM vero.contacts AS c
	WHERE c.id = ANY ($1) AND c.created_by_import = $2 AND c.unsubscribed_at IS NULL AND c.properties = '{}'
		AND c.id NOT IN (SELECT a.contact_id FROM active AS a) AND c.id NOT IN (SELECT m.contact_id FROM mailed AS m))",
	{INT8ARRAYOID, INT8OID},
	{{"ctid", TIDOID}, {"id", INT8OID}}};

constexpr Statement kRemove{
	R"(
	DELETE FROM vero.contacts
	WHERE id = ANY ($1))",
	{INT8ARRAYOID}};

/// True where all that is to happen when contacts are removed is that their events are looked for, once for each of them and partition:
/// that takes longer than all else, and is done.
bool are_only_events_looked_for(Catalog const &catalog, Relation contacts)
{
	if (catalog.is_distributed || contacts->rd_rel->relhassubclass || contacts->rd_rules != nullptr ||
		contacts->rd_rel->relforcerowsecurity)
		return false;
	List *events = find_all_inheritors(catalog.events, NoLock, nullptr);
	TriggerDesc const *triggers = contacts->trigdesc;
	for (int i = 0; triggers != nullptr && i < triggers->numtriggers; i++) {
		Trigger const &trigger = triggers->triggers[i];
		bool is_of_events = trigger.tgfoid == F_RI_FKEY_NOACTION_DEL && list_member_oid(events, trigger.tgconstrrelid);
		if (TRIGGER_FOR_DELETE(trigger.tgtype) && trigger.tgenabled != TRIGGER_DISABLED && !is_of_events)
			return false;
	}
	return true;
}

/// Those that are found are locked, so that nobody moves or removes them meanwhile.
template <Statement const &found>
std::int64_t remove(Relation contacts, bool is_by_statement, Returned<found> const &untouched)
{
	std::size_t count = untouched.count();
	if (is_by_statement && count > 0) {
		auto ids = int8_array(count, [&](std::size_t i) { return untouched[i].int8("id"); });
		return static_cast<std::int64_t>(run<kRemove>({ids}).count());
	}
	for (std::size_t i = 0; i < count; i++) {
		ItemPointerData place = untouched[i].tid("ctid");
		simple_table_tuple_delete(contacts, &place, GetActiveSnapshot());
	}
	return static_cast<std::int64_t>(count);
}

/// Those of these contacts, which are locked, that nothing has touched; says how many.
template <Statement const &untouched>
std::int64_t remove_untouched(Prepared &find, Relation contacts, bool is_by_statement, Datum ids, std::int64_t import)
{
	auto rows = run<untouched>(find, {ids, import});
	std::int64_t removed = remove<untouched>(contacts, is_by_statement, rows);
	rows.free();
	return removed;
}

} // namespace

void remove_contacts(Catalog const &catalog, std::int64_t import, ContactCounts &counts)
{
	// a plain scan ends at a contact's first event
	(void)set_config_option("enable_bitmapscan", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	Relation contacts = table_open(catalog.contacts, RowExclusiveLock);
	bool is_by_statement = !are_only_events_looked_for(catalog, contacts);
	Prepared lock, find;
	std::int64_t found = kContactsAtOnce, last = 0;
	while (found == kContactsAtOnce) {
		CHECK_FOR_INTERRUPTS();
		auto rows = run<kLockContacts>(lock, {import, last, kContactsAtOnce});
		found = rows[0].int8("found");
		last = rows[0].optional_int8("last").value_or(last);
		Datum ids = rows[0].datum("ids");
		std::int64_t removed =
			catalog.is_distributed
				? remove_untouched<kFindSpreadUntouched>(find, contacts, is_by_statement, ids, import)
				: remove_untouched<kFindUntouched>(find, contacts, is_by_statement, ids, import);
		counts.removed += removed;
		counts.kept += found - removed;
		rows.free();
	}
	table_close(contacts, NoLock);
	CommandCounterIncrement();
}

} // namespace vero::pg
