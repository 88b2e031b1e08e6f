// Jobs whose time has come, and their campaigns.
#include "pg/campaigns/due_jobs.hpp"

#include "pg/base/datum.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

constexpr Statement kClaim{
	R"(
	SELECT j.ctid, j.event_id, j.campaign_id, j.contact_id, j.occurred_at, j.due_at,
		greatest(j.due_at, j.registered_at) AS counts_from, j.attempts, j.import_id
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
	 {"counts_from", TIMESTAMPTZOID},
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
			job.counts_from = std::clamp(row.timestamptz("counts_from"), MIN_TIMESTAMP, now);
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
	return find_campaigns(catalog, std::span<std::int64_t const>(ids));
}

Campaigns find_campaigns(Catalog const &catalog, std::span<std::int64_t const> ids)
{
	auto rows = call([&] {
		return run_as_owner<kCampaigns>(catalog, {int8_array(ids.size(), [&](std::size_t i) { return ids[i]; })});
	});
	Campaigns campaigns;
	for (std::size_t i = 0; i < rows.count(); i++)
		note_campaign(rows[i], campaigns);
	return campaigns;
}

} // namespace vero::pg
