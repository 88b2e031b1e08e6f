// Removes a contact with his events, jobs and mail.
#include "pg/undo/forgotten_person.hpp"

#include "pg/base/datum.hpp"
#include "pg/sql/statement.hpp"
#include "pg/undo/contact_events.hpp"
#include "pg/undo/index_settings.hpp"

extern "C" {
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_type_d.h"
#include "utils/snapmgr.h"
}

namespace vero::pg {
namespace {

constexpr Statement kContact{
	R"(
	SELECT c.id, c.ctid
	FROM vero.contacts AS c
	WHERE c.email = $1
	FOR UPDATE)",
	{TEXTOID},
	{{"id", INT8OID}, {"ctid", TIDOID}}};

constexpr Statement kRemoveEventsOfContact{
	R"(
	DELETE FROM vero.events
	WHERE contact_id = $1)",
	{INT8OID}};

// The planner looks at no more partitions than these times are of.
constexpr Statement kRemoveFoundEvents{
	R"(
	DELETE FROM vero.events
	WHERE contact_id = $1 AND occurred_at = ANY ($2))",
	{INT8OID, TIMESTAMPTZARRAYOID}};

// Waits for whoever is deciding them, so that their mail is there to be removed.
constexpr Statement kLockJobs{
	R"(
	SELECT j.event_id
	FROM vero.trigger_jobs AS j
	WHERE j.contact_id = $1
	FOR UPDATE)",
	{INT8OID},
	{{"event_id", INT8OID}}};

constexpr Statement kRemoveMail{
	R"(
	WITH m AS (
		DELETE FROM vero.messages
		WHERE kind = ANY ('{campaign,test}'::text[]) AND (contact_id = $1 OR recipients @> ARRAY[$2])
		RETURNING event_id, campaign_id),
	j AS (
		DELETE FROM vero.trigger_jobs AS t
		USING m
		WHERE t.event_id = m.event_id AND t.campaign_id = m.campaign_id
		RETURNING t.event_id)
	SELECT (SELECT count(*) FROM m) AS messages, (SELECT count(*) FROM j) AS jobs)",
	{INT8OID, TEXTOID},
	{{"messages", INT8OID}, {"jobs", INT8OID}}};

constexpr Statement kRemoveJobs{
	R"(
	DELETE FROM vero.trigger_jobs
	WHERE contact_id = $1)",
	{INT8OID}};

constexpr Statement kRemoveContact{
	R"(
	DELETE FROM vero.contacts
	WHERE id = $1)",
	{INT8OID}};

// Forecasts name those who get most mail: "email": "..." is a member of nothing else in them.
constexpr Statement kEraseForecasts{
	R"(
	UPDATE vero.imports AS i
	SET forecast = replace(i.forecast::text, '"email": ' || to_json($1)::text, '"email": null')::jsonb
	WHERE i.forecast IS NOT NULL AND strpos(i.forecast::text, '"email": ' || to_json($1)::text) > 0)",
	{TEXTOID}};

/// Of a contact who is locked, so that he gets no more of them.
std::int64_t remove_events_of(Catalog const &catalog, std::int64_t contact)
{
	auto found = catalog.is_distributed ? std::nullopt : find_event_times(catalog.events, contact);
	if (!found)
		return static_cast<std::int64_t>(run<kRemoveEventsOfContact>({contact}).count());
	if (found->count == 0)
		return 0;
	Datum times = timestamptz_array(found->count, [&](std::size_t i) { return found->times[i]; });
	return static_cast<std::int64_t>(run<kRemoveFoundEvents>({contact, times}).count());
}

/// True where the contact has no events, and nothing else is to happen when he is removed.
bool is_removed_plainly(Catalog const &catalog, Relation contacts, std::int64_t contact)
{
	if (!are_only_events_looked_for(catalog, contacts))
		return false;
	auto events = find_event_times(catalog.events, contact);
	return events && events->count == 0;
}

/// His events are looked for straight through the indexes: PostgreSQL's own check takes a statement for each partition.
std::int64_t remove_contact(Catalog const &catalog, std::int64_t contact, std::string const &email)
{
	auto rows = run<kContact>({email}); // where he is by now, as a trigger may have changed him
	Relation contacts = table_open(catalog.contacts, RowExclusiveLock);
	bool is_plain = rows.count() > 0 && rows[0].int8("id") == contact && is_removed_plainly(catalog, contacts, contact);
	if (is_plain) {
		ItemPointerData place = rows[0].tid("ctid");
		simple_table_tuple_delete(contacts, &place, GetActiveSnapshot());
	}
	table_close(contacts, NoLock);
	return is_plain ? 1 : static_cast<std::int64_t>(run<kRemoveContact>({contact}).count());
}

} // namespace

void remove_person(Catalog const &catalog, std::string const &email, ForgottenCounts &counts)
{
	auto removed = [](auto const &rows) { return static_cast<std::int64_t>(rows.count()); };
	as_owner(catalog, [&] {
		use_indexes();
		auto contacts = run<kContact>({email});
		std::int64_t contact = contacts.count() > 0 ? contacts[0].int8("id") : 0;
		counts.events = contact != 0 ? remove_events_of(catalog, contact) : 0;
		run<kLockJobs>({contact});
		auto mail = run<kRemoveMail>({contact, email});
		counts.messages = mail[0].int8("messages");
		counts.jobs = mail[0].int8("jobs") + removed(run<kRemoveJobs>({contact}));
		counts.contacts = remove_contact(catalog, contact, email);
		run<kEraseForecasts>({email});
	});
}

} // namespace vero::pg
