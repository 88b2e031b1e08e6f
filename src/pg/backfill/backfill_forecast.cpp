// Says what would become of the jobs of a backfill.
#include "pg/backfill/backfill.hpp"

#include "core/text/name_folding.hpp"
#include "pg/base/timestamp.hpp"
#include "pg/forecast/forecast.hpp"
#include "pg/sql/statement.hpp"

namespace vero::pg {
namespace {

constexpr std::size_t kMaxSize = 4 * 1024 * 1024; // bytes of events' properties that are in memory at once

// What a job is judged by is read of those events alone whose job would be scheduled: OFFSET 0 keeps the planner from looking the others' contacts up, too.
constexpr Statement kForecastEvents{
	R"(
	SELECT e.id, e.contact_id, e.occurred_at, e.name, CASE WHEN e.occurred_at > $5 AND e.occurred_at <= $6 THEN e.properties END AS properties,
		c.email, c.unsubscribed_at IS NOT NULL AS is_unsubscribed, coalesce(c.properties <> '{}'::jsonb, false) AS has_properties,
		coalesce(pg_column_compression(c.properties) IS NOT NULL OR pg_column_size(c.properties) > 4000, false) AS are_large
	FROM vero.events AS e
	LEFT JOIN LATERAL (
		SELECT x.email, x.unsubscribed_at, x.properties
		FROM vero.contacts AS x
		WHERE x.id = e.contact_id AND e.occurred_at > $5 AND e.occurred_at <= $6
		OFFSET 0) AS c ON true
	WHERE e.occurred_at >= $3 AND e.occurred_at < $4 AND vero.folded_name(e.name) = $2
		AND NOT EXISTS (SELECT FROM vero.trigger_jobs AS j WHERE j.event_id = e.id AND j.campaign_id = $1))",
	{INT8OID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID},
	{{"id", INT8OID},
	 {"contact_id", INT8OID},
	 {"occurred_at", TIMESTAMPTZOID},
	 {"name", TEXTOID},
	 {"properties", JSONBOID},
	 {"email", TEXTOID},
	 {"is_unsubscribed", BOOLOID},
	 {"has_properties", BOOLOID},
	 {"are_large", BOOLOID}}};

// The same where Citus distributes the events, and looks nothing up for each of them: their nodes hold the contacts, and are told the jobs that there are.
constexpr Statement kSpreadEvents{
	R"(
	SELECT e.id, e.contact_id, e.occurred_at, e.name, CASE WHEN e.occurred_at > $5 AND e.occurred_at <= $6 THEN e.properties END AS properties,
		c.email, c.unsubscribed_at IS NOT NULL AS is_unsubscribed, coalesce(c.properties <> '{}'::jsonb, false) AS has_properties,
		coalesce(pg_column_compression(c.properties) IS NOT NULL OR pg_column_size(c.properties) > 4000, false) AS are_large
	FROM vero.events AS e
	LEFT JOIN vero.contacts AS c ON c.id = e.contact_id AND e.occurred_at > $5 AND e.occurred_at <= $6
	LEFT JOIN vero.trigger_jobs AS j ON j.event_id = e.id AND j.campaign_id = $1
	WHERE e.occurred_at >= $3 AND e.occurred_at < $4 AND vero.folded_name(e.name) = $2 AND j.event_id IS NULL)",
	{INT8OID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID},
	{{"id", INT8OID},
	 {"contact_id", INT8OID},
	 {"occurred_at", TIMESTAMPTZOID},
	 {"name", TEXTOID},
	 {"properties", JSONBOID},
	 {"email", TEXTOID},
	 {"is_unsubscribed", BOOLOID},
	 {"has_properties", BOOLOID},
	 {"are_large", BOOLOID}}};

/// Takes the events portion by portion.
class BackfillForecast {
public:
	/// `backfill` outlives it.
	BackfillForecast(Catalog const &catalog, Backfill const &backfill)
		: backfill_(backfill), jobs_(catalog, triggered_by(backfill), backfill.now),
		  forecast_(catalog, jobs_.counts(), backfill.now, JobOrder::of_events)
	{
	}

	template <Statement const &events> void add(Returned<events> const &rows);
	/// To be called once, last.
	CampaignCounts finish();

private:
	template <Statement const &events> std::size_t add(Row<events> const &row);

	Backfill const &backfill_;
	JobRegistrar jobs_;
	Forecast forecast_;
	std::int64_t events_ = 0;
};

/// Says how many bytes it keeps in memory until flush().
template <Statement const &events> std::size_t BackfillForecast::add(Row<events> const &row)
{
	TriggeringEvent event{0, 0, 0, backfill_.event_name, std::nullopt};
	call([&] {
		event.id = row.int8("id");
		event.contact_id = row.int8("contact_id");
		event.occurred_at = row.timestamptz("occurred_at");
	});
	jobs_.count(event);
	std::size_t size = 0;
	jobs_.for_each_scheduled(event.name, event.occurred_at, [&](std::size_t place, TimestampTz due_at) {
		ForecastJob job{};
		job.campaign = place;
		job.contact_id = event.contact_id;
		job.occurred_at = event.occurred_at;
		job.due_at = due_at;
		job.order = order_of_event(event.id);
		call([&] {
			job.is_unsubscribed = row.boolean("is_unsubscribed");
			if (row.boolean("has_properties"))
				job.properties = row.boolean("are_large") ? ContactProperties::large : ContactProperties::small;
			job.email = row.text("email").value_or("");
			job.event_name = row.text("name").value_or("");
			job.event_properties = reinterpret_cast<Jsonb *>(PG_DETOAST_DATUM(row.datum("properties")));
		});
		size = VARSIZE(job.event_properties);
		forecast_.add(job);
	});
	return size;
}

template <Statement const &events> void BackfillForecast::add(Returned<events> const &rows)
{
	for (std::size_t i = 0; i < rows.count();) {
		SpiConnection portion; // what it takes goes with it
		for (std::size_t size = 0; i < rows.count() && size < kMaxSize; i++)
			size += add(rows[i]);
		forecast_.flush();
	}
	events_ += static_cast<std::int64_t>(rows.count());
}

CampaignCounts BackfillForecast::finish()
{
	jobs_.finish();
	CampaignCounts counts = forecast_.finish(jobs_.counts()).front();
	check_backfill_limit(jobs_, counts, events_, true);
	return counts;
}

template <Statement const &events> CampaignCounts forecast_of(Catalog const &catalog, Backfill const &backfill)
{
	BackfillForecast forecast(catalog, backfill);
	std::string const folded = fold_name(backfill.event_name);
	TimestampTz const oldest = backfill.now - backfill.timing.delay_us - backfill.timing.grace_us;
	Prepared prepared;
	auto cursor = call([&] {
		return as_owner(catalog, [&] {
			return Cursor<events>(prepared,
								  {backfill.campaign_id, folded, std::max(backfill.since, kFirstEventTime),
								   kEndOfEventTimes, oldest, backfill.now},
								  CursorSees::what_was_committed);
		});
	});
	for (bool are_more = true; are_more;) {
		check_for_interrupts();
		SpiConnection portion; // what it takes goes with it
		auto rows = call([&] { return cursor.fetch(kBackfilledAtOnce); });
		are_more = rows.count() == kBackfilledAtOnce;
		forecast.add(rows);
	}
	call([&] { cursor.close(); });
	return forecast.finish();
}

} // namespace

CampaignCounts forecast_backfill(Catalog const &catalog, Backfill const &backfill)
{
	return catalog.is_distributed ? forecast_of<kSpreadEvents>(catalog, backfill)
								  : forecast_of<kForecastEvents>(catalog, backfill);
}

} // namespace vero::pg
