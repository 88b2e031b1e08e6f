// What has to be known of events and contacts to decide jobs.
#include "pg/campaigns/due_jobs.hpp"

#include "core/property/limit_exceeded.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/subtransaction.hpp"
#include "pg/campaigns/condition_input.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
}

namespace vero::pg {
namespace {

// One look-up for each job, in their order, however large the tables are and whatever is known of them: OFFSET 0 keeps the planner from
// joins that read them whole. A condition is only read where it is to be judged.
constexpr Statement kDetails{
	R"(
	SELECT r.place, c.email, c.unsubscribed_at IS NOT NULL AS is_unsubscribed, c.properties AS contact_properties,
		e.name AS event_name, e.properties AS event_properties,
		CASE WHEN c.email IS NOT NULL AND e.name IS NOT NULL AND (c.unsubscribed_at IS NULL OR k.transactional) THEN k.condition END AS condition
	FROM unnest($1, $2, $3, $4, $5) AS r (place, campaign_id, contact_id, occurred_at, event_id)
	CROSS JOIN LATERAL (
		SELECT z.condition, z.transactional
		FROM vero.campaigns AS z
		WHERE z.id = r.campaign_id
		OFFSET 0) AS k
	LEFT JOIN LATERAL (
		SELECT x.email, x.unsubscribed_at, x.properties
		FROM vero.contacts AS x
		WHERE x.id = r.contact_id
		OFFSET 0) AS c ON true
	LEFT JOIN LATERAL (
		SELECT y.name, y.properties
		FROM vero.events AS y
		WHERE y.contact_id = r.contact_id AND y.occurred_at = r.occurred_at AND y.id = r.event_id
		OFFSET 0) AS e ON true)",
	{INT4ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, TIMESTAMPTZARRAYOID, INT8ARRAYOID},
	{{"place", INT4OID},
	 {"email", TEXTOID},
	 {"is_unsubscribed", BOOLOID},
	 {"contact_properties", JSONBOID},
	 {"event_name", TEXTOID},
	 {"event_properties", JSONBOID},
	 {"condition", JSONPATHOID}}};

// The same for events that Citus distributes, which it joins by their contacts with what is told to each node, and with nothing that is looked up for each row: the jobs
// first, then the events by their keys, on all nodes at once, then the rest on the coordinator.
constexpr Statement kSpreadDetails{
	R"(
	WITH r AS MATERIALIZED (
		SELECT u.place, u.campaign_id, u.contact_id, u.occurred_at, u.event_id
		FROM unnest($1, $2, $3, $4, $5) AS u (place, campaign_id, contact_id, occurred_at, event_id)),
	e AS MATERIALIZED (
		SELECT r.place, y.name, y.properties
		FROM r
		JOIN vero.events AS y ON y.contact_id = r.contact_id AND y.occurred_at = r.occurred_at AND y.id = r.event_id)
	SELECT r.place, c.email, c.unsubscribed_at IS NOT NULL AS is_unsubscribed, c.properties AS contact_properties,
		e.name AS event_name, e.properties AS event_properties,
		CASE WHEN c.email IS NOT NULL AND e.name IS NOT NULL AND (c.unsubscribed_at IS NULL OR k.transactional) THEN k.condition END AS condition
	FROM r
	JOIN vero.campaigns AS k ON k.id = r.campaign_id
	LEFT JOIN vero.contacts AS c ON c.id = r.contact_id
	LEFT JOIN e ON e.place = r.place
	ORDER BY r.place)",
	{INT4ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, TIMESTAMPTZARRAYOID, INT8ARRAYOID},
	{{"place", INT4OID},
	 {"email", TEXTOID},
	 {"is_unsubscribed", BOOLOID},
	 {"contact_properties", JSONBOID},
	 {"event_name", TEXTOID},
	 {"event_properties", JSONBOID},
	 {"condition", JSONPATHOID}}};

constexpr std::size_t kMaxSize =
	4 * 1024 * 1024; // bytes of details, beside which there is room for what they are made from

/// Makes a copy in the current memory context. To be called in call().
template <class Value> Value *copy_of(std::optional<Datum> value)
{
	return value ? reinterpret_cast<Value *>(PG_DETOAST_DATUM_COPY(*value)) : nullptr;
}

std::size_t size_of(void const *value)
{
	return value != nullptr ? VARSIZE(value) : 0;
}

/// Fills in a job's details, and says how many bytes they take.
template <Statement const &details> std::size_t note_details(Row<details> const &row, DueJob &job)
{
	job.email = row.string("email");
	job.event_name = row.string("event_name");
	call([&] {
		job.is_unsubscribed = row.boolean("is_unsubscribed");
		job.contact_properties = copy_of<Jsonb>(row.optional_datum("contact_properties"));
		job.event_properties = copy_of<Jsonb>(row.optional_datum("event_properties"));
		job.condition = copy_of<JsonPath>(row.optional_datum("condition"));
	});
	try {
		if (job.condition != nullptr)
			job.condition_input = make_condition_input(job);
	} catch (LimitExceeded const &error) {
		job.error = error.what();
	}
	return size_of(job.contact_properties) + size_of(job.event_properties) + size_of(job.condition_input) +
		   size_of(job.condition);
}

/// To be called in call().
template <Statement const &details> Cursor<details> open_details(Prepared &prepared, std::span<DueJob *const> jobs)
{
	return {prepared,
			{int4_array(jobs.size(), [](std::size_t i) { return static_cast<std::int32_t>(i); }),
			 int8_array(jobs.size(), [&](std::size_t i) { return jobs[i]->campaign_id; }),
			 int8_array(jobs.size(), [&](std::size_t i) { return jobs[i]->contact_id; }),
			 timestamptz_array(jobs.size(), [&](std::size_t i) { return jobs[i]->occurred_at; }),
			 int8_array(jobs.size(), [&](std::size_t i) { return jobs[i]->event_id; })},
			CursorSees::what_was_committed};
}

/// In a subtransaction, as far as kMaxSize goes, `size` included; says how many.
template <Statement const &statement>
std::size_t read_some(Catalog const &catalog, Prepared &prepared, std::span<DueJob *const> jobs, std::size_t &size)
{
	// an ERROR that passes undoes it, as it ends the subtransaction
	UserSwitch caller = call([&] { return UserSwitch::become(catalog.owner); });
	Cursor<statement> details = call([&] { return open_details<statement>(prepared, jobs); });
	std::size_t done = 0;
	while (done < jobs.size() && size < kMaxSize) {
		// how large a row is is known only when it is there
		auto rows = call([&] { return details.fetch(1); });
		if (rows.count() == 0) {
			done = jobs.size();
			break;
		}
		auto place = static_cast<std::size_t>(call([&] { return rows[0].int4("place"); }));
		size += note_details(rows[0], *jobs[place]);
		done = place + 1;
		call([&] { rows.free(); });
	}
	call([&] {
		details.close();
		caller.undo();
	});
	return done;
}

/// As read_details().
template <Statement const &statement> std::size_t read(Catalog const &catalog, std::span<DueJob *const> jobs)
{
	Prepared details;
	// what is wrong with the tables is met here, once, and not blamed on the jobs
	call([&] { as_owner(catalog, [&] { prepare<statement>(details); }); });
	std::size_t done = 0, size = 0;
	if (!try_in_subtransaction([&] { done = read_some<statement>(catalog, details, jobs, size); }))
		return done;
	size = 0;
	for (done = 0; done < jobs.size() && size < kMaxSize; done++) {
		if (auto error = try_in_subtransaction(
				[&] { (void)read_some<statement>(catalog, details, jobs.subspan(done, 1), size); }))
			jobs[done]->error = *error;
	}
	return done;
}

} // namespace

std::size_t read_details(Catalog const &catalog, std::span<DueJob *const> jobs)
{
	if (jobs.empty())
		return 0;
	return catalog.is_distributed ? read<kSpreadDetails>(catalog, jobs) : read<kDetails>(catalog, jobs);
}

} // namespace vero::pg
