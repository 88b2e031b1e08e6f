// Jobs whose time has come, and what has to be known to decide them.
#include "pg/campaigns/due_jobs.hpp"

#include "core/property/limit_exceeded.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/subtransaction.hpp"
#include "pg/campaigns/condition_input.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

constexpr Statement kClaim{
	R"(
	SELECT j.ctid, j.event_id, j.campaign_id, j.contact_id, j.occurred_at, j.due_at, j.attempts, j.import_id
	FROM vero.trigger_jobs AS j
	WHERE j.state = 'scheduled' AND j.message_id IS NULL AND (j.due_at, j.event_id) >= ($1, $2) AND j.due_at <= $3
	ORDER BY j.due_at, j.event_id
	LIMIT $4
	FOR UPDATE SKIP LOCKED)",
	{TIMESTAMPTZOID, INT8OID, TIMESTAMPTZOID, INT4OID},
	{{"ctid", TIDOID},
	 {"event_id", INT8OID},
	 {"campaign_id", INT8OID},
	 {"contact_id", INT8OID},
	 {"occurred_at", TIMESTAMPTZOID},
	 {"due_at", TIMESTAMPTZOID},
	 {"attempts", INT4OID},
	 {"import_id", INT8OID}}};

constexpr Statement kCampaigns{
	R"(
	SELECT c.id, c.active, c.transactional, coalesce((extract(epoch FROM c.cooldown) * 1000000)::int8, 0) AS cooldown_us,
		c.subject, c.body_text, c.body_html, c.from_address
	FROM vero.campaigns AS c
	WHERE c.id = ANY ($1))",
	{INT8ARRAYOID},
	{{"id", INT8OID},
	 {"active", BOOLOID},
	 {"transactional", BOOLOID},
	 {"cooldown_us", INT8OID},
	 {"subject", TEXTOID},
	 {"body_text", TEXTOID},
	 {"body_html", TEXTOID},
	 {"from_address", TEXTOID}}};

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
std::size_t note_details(Row<kDetails> const &row, DueJob &job)
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
Cursor<kDetails> open_details(Prepared &prepared, std::span<DueJob *const> jobs)
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
std::size_t read_some(Catalog const &catalog, Prepared &prepared, std::span<DueJob *const> jobs, std::size_t &size)
{
	// an ERROR that passes undoes it, as it ends the subtransaction
	UserSwitch caller = call([&] { return UserSwitch::become(catalog.owner); });
	Cursor<kDetails> details = call([&] { return open_details(prepared, jobs); });
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

/// Nothing where there is no source.
Result<std::optional<Template>> read_template(std::optional<std::string> const &source, TemplatePart part)
{
	if (!source)
		return std::nullopt;
	Result<Template, TemplateError> compiled = compile_template(*source, part);
	if (!compiled)
		return tl::make_unexpected("the campaign's template cannot be read: " + compiled.error().message);
	return *std::move(compiled);
}

Result<MailTemplates> read_templates(Row<kCampaigns> const &row)
{
	auto subject = read_template(row.optional_string("subject"), TemplatePart::subject);
	auto body_text = read_template(row.optional_string("body_text"), TemplatePart::text);
	auto body_html = read_template(row.optional_string("body_html"), TemplatePart::html);
	for (auto const *part : {&subject, &body_text, &body_html}) {
		if (!*part)
			return tl::make_unexpected(part->error());
	}
	return MailTemplates{*std::move(subject), *std::move(body_text), *std::move(body_html)};
}

void note_campaign(Row<kCampaigns> const &row, Campaigns &campaigns)
{
	Campaign campaign{};
	campaign.templates = read_templates(row);
	campaign.from_address = row.optional_string("from_address");
	std::int64_t id = call([&] {
		campaign.is_active = row.boolean("active");
		campaign.is_transactional = row.boolean("transactional");
		campaign.cooldown_us = row.int8("cooldown_us");
		return row.int8("id");
	});
	campaigns.emplace(id, std::move(campaign));
}

} // namespace

std::vector<DueJob> claim_due_jobs(Catalog const &catalog, int limit, JobPosition from, TimestampTz now)
{
	auto rows = call([&] { return run_as_owner<kClaim>(catalog, {from.due_at, from.event_id, now, limit}); });
	std::vector<DueJob> jobs(rows.count());
	call([&] {
		for (std::size_t i = 0; i < jobs.size(); i++) {
			auto row = rows[i];
			DueJob &job = jobs[i];
			job.place = row.tid("ctid");
			job.event_id = row.int8("event_id");
			job.campaign_id = row.int8("campaign_id");
			job.contact_id = row.int8("contact_id");
			job.occurred_at = row.timestamptz("occurred_at");
			job.due_at = row.timestamptz("due_at");
			job.attempts = row.int4("attempts");
			job.import_id = row.optional_int8("import_id");
		}
	});
	return jobs;
}

Campaigns find_campaigns(Catalog const &catalog, std::vector<DueJob> const &jobs)
{
	std::vector<std::int64_t> ids;
	ids.reserve(jobs.size());
	for (DueJob const &job : jobs)
		ids.push_back(job.campaign_id);
	std::sort(ids.begin(), ids.end());
	ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
	auto rows = call([&] {
		return run_as_owner<kCampaigns>(catalog, {int8_array(ids.size(), [&](std::size_t i) { return ids[i]; })});
	});
	Campaigns campaigns;
	for (std::size_t i = 0; i < rows.count(); i++)
		note_campaign(rows[i], campaigns);
	return campaigns;
}

std::size_t read_details(Catalog const &catalog, std::span<DueJob *const> jobs)
{
	if (jobs.empty())
		return 0;
	Prepared details;
	// what is wrong with the tables is met here, once, and not blamed on the jobs
	call([&] { as_owner(catalog, [&] { prepare<kDetails>(details); }); });
	std::size_t done = 0, size = 0;
	if (!try_in_subtransaction([&] { done = read_some(catalog, details, jobs, size); }))
		return done;
	size = 0;
	for (done = 0; done < jobs.size() && size < kMaxSize; done++) {
		if (auto error = try_in_subtransaction([&] { (void)read_some(catalog, details, jobs.subspan(done, 1), size); }))
			jobs[done]->error = *error;
	}
	return done;
}

} // namespace vero::pg
