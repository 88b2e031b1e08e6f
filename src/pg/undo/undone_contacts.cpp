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
	SELECT c.ctid
	FROM vero.contacts AS c
	WHERE c.id = ANY ($1) AND c.created_by_import = $2 AND c.unsubscribed_at IS NULL AND c.properties = '{}'
		AND NOT EXISTS (SELECT FROM vero.events AS e WHERE e.contact_id = c.id)
		AND NOT EXISTS (
			SELECT
			FROM vero.messages AS m
			WHERE m.campaign_id = ANY (ARRAY(SELECT k.id FROM vero.campaigns AS k)) AND m.contact_id = c.id
				AND m.state <> ALL ('{failed,cancelled}'::text[])))",
	{INT8ARRAYOID, INT8OID},
	{{"ctid", TIDOID}}};

constexpr Statement kRemove{
	R"(
	DELETE FROM vero.contacts
	WHERE ctid = ANY ($1))",
	{TIDARRAYOID}};

/// True where all that is to happen when contacts are removed is that their events are looked for, once for each of them and partition:
/// that takes longer than all else, and is done.
bool are_only_events_looked_for(Catalog const &catalog, Relation contacts)
{
	if (contacts->rd_rel->relhassubclass || contacts->rd_rules != nullptr || contacts->rd_rel->relforcerowsecurity)
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
std::int64_t remove(Relation contacts, bool is_by_statement, Returned<kFindUntouched> const &untouched)
{
	std::size_t count = untouched.count();
	if (is_by_statement && count > 0) {
		auto places = make_array(count, kTid, [&](std::size_t i) -> std::optional<Datum> {
			auto *place = static_cast<ItemPointer>(palloc(sizeof(ItemPointerData)));
			*place = untouched[i].tid("ctid");
			return PointerGetDatum(place);
		});
		return static_cast<std::int64_t>(run<kRemove>({places}).count());
	}
	for (std::size_t i = 0; i < count; i++) {
		ItemPointerData place = untouched[i].tid("ctid");
		simple_table_tuple_delete(contacts, &place, GetActiveSnapshot());
	}
	return static_cast<std::int64_t>(count);
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
		auto untouched = run<kFindUntouched>(find, {rows[0].datum("ids"), import});
		std::int64_t removed = remove(contacts, is_by_statement, untouched);
		counts.removed += removed;
		counts.kept += found - removed;
		untouched.free();
		rows.free();
	}
	table_close(contacts, NoLock);
	CommandCounterIncrement();
}

} // namespace vero::pg
