// Writes the jobs of a backfill.
#include "pg/backfill/backfill.hpp"

#include "core/text/name_folding.hpp"
#include "pg/backfill/event_imports.hpp"
#include "pg/base/timestamp.hpp"
#include "pg/sql/statement.hpp"

namespace vero::pg {
namespace {

// A join, as Citus plans no NOT EXISTS of events that it distributes: it tells their nodes the jobs that there are.
constexpr Statement kTriggeringEvents{
	R"(
	SELECT e.id, e.contact_id, e.occurred_at, e.import_id
	FROM vero.events AS e
	LEFT JOIN vero.trigger_jobs AS j ON j.event_id = e.id AND j.campaign_id = $1
	WHERE e.occurred_at >= $3 AND e.occurred_at < $4 AND vero.folded_name(e.name) = $2 AND j.event_id IS NULL)",
	{INT8OID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID},
	{{"id", INT8OID}, {"contact_id", INT8OID}, {"occurred_at", TIMESTAMPTZOID}, {"import_id", INT8OID}}};

/// The next ones, by the name that the campaign has for them.
std::vector<TriggeringEvent> fetch(Cursor<kTriggeringEvents> const &cursor, std::string_view name)
{
	SpiConnection portion; // what it takes goes with it
	auto rows = call([&] { return cursor.fetch(kBackfilledAtOnce); });
	std::vector<TriggeringEvent> events(rows.count());
	call([&] {
		for (std::size_t i = 0; i < events.size(); i++) {
			events[i].id = rows[i].int8("id");
			events[i].contact_id = rows[i].int8("contact_id");
			events[i].occurred_at = rows[i].timestamptz("occurred_at");
			events[i].name = name;
			events[i].import_id = rows[i].optional_int8("import_id");
		}
	});
	return events;
}

} // namespace

CampaignCounts register_backfill(Catalog const &catalog, Backfill const &backfill)
{
	JobRegistrar jobs(catalog, triggered_by(backfill), backfill.now);
	EventImports imports(catalog);
	std::string const folded = fold_name(backfill.event_name);
	Prepared prepared;
	auto cursor = call([&] {
		return as_owner(catalog, [&] {
			return Cursor<kTriggeringEvents>(
				prepared, {backfill.campaign_id, folded, std::max(backfill.since, kFirstEventTime), kEndOfEventTimes},
				CursorSees::what_was_committed);
		});
	});
	std::int64_t count = 0;
	for (bool are_more = true; are_more;) {
		check_for_interrupts();
		std::vector<TriggeringEvent> events = fetch(cursor, backfill.event_name);
		are_more = events.size() == kBackfilledAtOnce;
		imports.admit(events);
		for (TriggeringEvent const &event : events)
			jobs.add(event);
		count += static_cast<std::int64_t>(events.size());
		check_backfill_limit(jobs, jobs.counts().front(), count, !are_more);
	}
	call([&] { cursor.close(); });
	jobs.finish();
	return jobs.counts().front();
}

} // namespace vero::pg
