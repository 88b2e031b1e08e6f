// Jobs whose time has come, and what has to be known to decide them.
#include "pg/campaigns/due_jobs.hpp"

#include "pg/base/sql_array.hpp"
#include "pg/base/subtransaction.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "utils/guc.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

constexpr char const *kClaim =
	"SELECT j.ctid, j.event_id, j.campaign_id, j.contact_id, j.occurred_at, j.due_at, j.attempts, j.import_id"
	" FROM vero.trigger_jobs AS j WHERE j.state OPERATOR(pg_catalog.=) 'scheduled' AND j.message_id IS NULL"
	" AND (j.due_at, j.event_id) OPERATOR(pg_catalog.>=) ($1, $2) AND j.due_at OPERATOR(pg_catalog.<=) $3"
	" ORDER BY j.due_at, j.event_id LIMIT $4 FOR UPDATE SKIP LOCKED";
constexpr std::array<Oid, 4> kClaimTypes{TIMESTAMPTZOID, INT8OID, TIMESTAMPTZOID, INT4OID};

constexpr char const *kCampaigns =
	"SELECT c.id, c.active, c.transactional,"
	" coalesce((pg_catalog.\"extract\"('epoch', c.cooldown) OPERATOR(pg_catalog.*) 1000000)::pg_catalog.int8, 0),"
	" c.subject, c.body_text, c.body_html, c.from_address"
	" FROM vero.campaigns AS c WHERE c.id OPERATOR(pg_catalog.=) ANY ($1)";
constexpr std::array<Oid, 1> kCampaignsTypes{INT8ARRAYOID};

// One look-up for each job, in their order, however large the tables are and whatever is known of them: OFFSET 0 keeps the planner from
// joins that read them whole. What the tables know beside the properties wins over properties of the same name.
constexpr char const *kDetails =
	"SELECT r.place, c.email, c.unsubscribed_at IS NOT NULL, c.properties, e.name, e.properties, k.condition,"
	" CASE WHEN c.email IS NOT NULL AND e.name IS NOT NULL AND k.condition IS NOT NULL"
	"  AND (c.unsubscribed_at IS NULL OR k.transactional) THEN pg_catalog.jsonb_build_object("
	"   'event', e.properties OPERATOR(pg_catalog.||) pg_catalog.jsonb_build_object('name', e.name, 'occurred_at',"
	"    r.occurred_at, 'properties', e.properties),"
	"   'contact', c.properties OPERATOR(pg_catalog.||) pg_catalog.jsonb_build_object('email', c.email, 'properties',"
	"    c.properties)) END"
	" FROM unnest($1, $2, $3, $4, $5) AS r (place, campaign_id, contact_id, occurred_at, event_id)"
	" CROSS JOIN LATERAL (SELECT z.condition, z.transactional FROM vero.campaigns AS z"
	"  WHERE z.id OPERATOR(pg_catalog.=) r.campaign_id OFFSET 0) AS k"
	" LEFT JOIN LATERAL (SELECT x.email, x.unsubscribed_at, x.properties FROM vero.contacts AS x"
	"  WHERE x.id OPERATOR(pg_catalog.=) r.contact_id OFFSET 0) AS c ON true"
	" LEFT JOIN LATERAL (SELECT y.name, y.properties FROM vero.events AS y"
	"  WHERE y.contact_id OPERATOR(pg_catalog.=) r.contact_id AND y.occurred_at OPERATOR(pg_catalog.=) r.occurred_at"
	"  AND y.id OPERATOR(pg_catalog.=) r.event_id OFFSET 0) AS e ON true";
constexpr std::array<Oid, 5> kDetailsTypes{INT4ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, TIMESTAMPTZARRAYOID, INT8ARRAYOID};

constexpr std::size_t kMaxSize =
	4 * 1024 * 1024; // bytes of details, beside which there is room for what they are made from

// An event whose time was corrected is among its contact's. One that was given to another contact is looked for in the pages of the
// table that hold rows of its import, or of none: the BRIN index knows them. There is one search for all jobs that are decided together.
constexpr char const *kMovedInTime =
	"SELECT e.id, e.contact_id, e.occurred_at FROM vero.events AS e"
	" WHERE e.contact_id OPERATOR(pg_catalog.=) ANY ($2) AND e.id OPERATOR(pg_catalog.=) ANY ($1)";
constexpr std::array<Oid, 2> kMovedInTimeTypes{INT8ARRAYOID, INT8ARRAYOID};
constexpr char const *kMoved = "SELECT e.id, e.contact_id, e.occurred_at FROM vero.events AS e"
							   " WHERE (e.import_id OPERATOR(pg_catalog.=) ANY ($2) OR ($3 AND e.import_id IS NULL))"
							   " AND e.id OPERATOR(pg_catalog.=) ANY ($1)";
constexpr std::array<Oid, 3> kMovedTypes{INT8ARRAYOID, INT8ARRAYOID, BOOLOID};

/// A copy. In call().
struct varlena *copy_value(SPITupleTable const *rows, std::size_t row, int column, Oid type)
{
	std::optional<Datum> value = optional_value(rows, row, column, type);
	return value ? PG_DETOAST_DATUM_COPY(*value) : nullptr;
}

std::size_t size_of(void const *value)
{
	return value != nullptr ? VARSIZE(value) : 0;
}

/// Says how many bytes they take.
std::size_t note_details(SPITupleTable const *rows, DueJob &job)
{
	job.email = string_value(rows, 0, 2);
	job.event_name = string_value(rows, 0, 5);
	call([&] {
		job.is_unsubscribed = bool_value(rows, 0, 3);
		job.contact_properties = reinterpret_cast<Jsonb *>(copy_value(rows, 0, 4, JSONBOID));
		job.event_properties = reinterpret_cast<Jsonb *>(copy_value(rows, 0, 6, JSONBOID));
		job.condition_input = reinterpret_cast<Jsonb *>(copy_value(rows, 0, 8, JSONBOID));
		if (job.condition_input != nullptr)
			job.condition = reinterpret_cast<JsonPath *>(copy_value(rows, 0, 7, JSONPATHOID));
	});
	return size_of(job.contact_properties) + size_of(job.event_properties) + size_of(job.condition_input) +
		   size_of(job.condition);
}

/// In call().
Portal open_details(SPIPlanPtr plan, std::span<DueJob *const> jobs)
{
	Datum values[] = {int4_array(jobs.size(), [](std::size_t i) { return static_cast<std::int32_t>(i); }),
					  int8_array(jobs.size(), [&](std::size_t i) { return jobs[i]->campaign_id; }),
					  int8_array(jobs.size(), [&](std::size_t i) { return jobs[i]->contact_id; }),
					  timestamptz_array(jobs.size(), [&](std::size_t i) { return jobs[i]->occurred_at; }),
					  int8_array(jobs.size(), [&](std::size_t i) { return jobs[i]->event_id; })};
	return open_cursor(plan, values, CursorSees::what_was_committed);
}

/// In a subtransaction, as far as kMaxSize goes, `size` included; says how many.
std::size_t read_some(Catalog const &catalog, SPIPlanPtr plan, std::span<DueJob *const> jobs, std::size_t &size)
{
	// an ERROR that passes undoes it, as it ends the subtransaction
	UserSwitch caller = call([&] { return UserSwitch::become(catalog.owner); });
	Portal details = call([plan, jobs] { return open_details(plan, jobs); });
	std::size_t done = 0;
	while (done < jobs.size() && size < kMaxSize) {
		// how large a row is is known only when it is there
		if (call([details] { return fetch_rows(details, 1); }) == 0) {
			done = jobs.size();
			break;
		}
		SPITupleTable *rows = SPI_tuptable;
		auto place = static_cast<std::size_t>(call([rows] { return int4_value(rows, 0, 1); }));
		size += note_details(rows, *jobs[place]);
		done = place + 1;
		call([rows] { SPI_freetuptable(rows); });
	}
	call([&] {
		SPI_cursor_close(details);
		caller.undo();
	});
	return done;
}

/// Where it does not compile: says why in `error`.
std::optional<Template> read_template(SPITupleTable const *rows, std::size_t row, int column, TemplatePart part,
									  std::string &error)
{
	std::optional<std::string_view> source = call([&] { return text_value(rows, row, column); });
	if (!source)
		return std::nullopt;
	std::variant<Template, TemplateError> compiled = compile_template(*source, part);
	if (auto *failed = std::get_if<TemplateError>(&compiled)) {
		error = "the campaign's template cannot be read: " + failed->message;
		return std::nullopt;
	}
	return std::get<Template>(std::move(compiled));
}

void note_campaign(SPITupleTable const *rows, std::size_t row, Campaigns &campaigns)
{
	Campaign campaign{};
	campaign.subject = read_template(rows, row, 5, TemplatePart::subject, campaign.error);
	campaign.body_text = read_template(rows, row, 6, TemplatePart::text, campaign.error);
	campaign.body_html = read_template(rows, row, 7, TemplatePart::html, campaign.error);
	std::int64_t id = call([&] {
		campaign.is_active = bool_value(rows, row, 2);
		campaign.is_transactional = bool_value(rows, row, 3);
		campaign.cooldown_us = int8_value(rows, row, 4);
		return int8_value(rows, row, 1);
	});
	if (std::optional<std::string_view> from = call([&] { return text_value(rows, row, 8); }))
		campaign.from_address = *from;
	campaigns.emplace(id, std::move(campaign));
}

Datum event_ids(std::vector<DueJob *> const &jobs)
{
	return int8_array(jobs.size(), [&](std::size_t i) { return jobs[i]->event_id; });
}

/// Takes those whose event the last statement has found out of `missing`, puts them into `found`, and notes where it is.
void note_moved(std::size_t count, std::vector<DueJob *> &missing, std::vector<DueJob *> &found)
{
	SPITupleTable const *rows = SPI_tuptable;
	for (std::size_t row = 0; row < count; row++) {
		std::int64_t id = call([&] { return int8_value(rows, row, 1); });
		std::int64_t contact_id = call([&] { return int8_value(rows, row, 2); });
		TimestampTz occurred_at = call([&] { return timestamptz_value(rows, row, 3); });
		for (DueJob *job : missing) {
			if (job->event_id != id)
				continue;
			job->contact_id = contact_id;
			job->occurred_at = occurred_at;
			found.push_back(job);
		}
		std::erase_if(missing, [id](DueJob const *job) { return job->event_id == id; });
	}
}

std::size_t search_contacts(Catalog const &catalog, std::vector<DueJob *> const &missing)
{
	return call([&] {
		Datum values[] = {event_ids(missing),
						  int8_array(missing.size(), [&](std::size_t i) { return missing[i]->contact_id; })};
		execute_as(catalog.owner, kMovedInTime, kMovedInTimeTypes, values, SPI_OK_SELECT);
		return SPI_processed;
	});
}

std::size_t search_imports(Catalog const &catalog, std::vector<DueJob *> const &missing)
{
	std::vector<std::int64_t> imports;
	bool is_tracked = false;
	for (DueJob const *job : missing) {
		if (!job->import_id)
			is_tracked = true;
		else if (std::find(imports.begin(), imports.end(), *job->import_id) == imports.end())
			imports.push_back(*job->import_id);
	}
	return call([&] {
		UserSwitch caller = UserSwitch::become(catalog.owner);
		(void)set_config_option("enable_bitmapscan", "on", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
		Datum values[] = {event_ids(missing), int8_array(imports.size(), [&](std::size_t i) { return imports[i]; }),
						  BoolGetDatum(is_tracked)};
		execute_statement(prepare_statement(kMoved, kMovedTypes), values, nullptr, SPI_OK_SELECT);
		caller.undo();
		return SPI_processed;
	});
}

} // namespace

std::vector<DueJob *> find_moved_events(Catalog const &catalog, std::vector<DueJob *> missing)
{
	std::vector<DueJob *> found;
	if (!missing.empty())
		note_moved(search_contacts(catalog, missing), missing, found);
	if (!missing.empty())
		note_moved(search_imports(catalog, missing), missing, found);
	std::sort(found.begin(), found.end()); // they lie in one vector
	return found;
}

std::vector<DueJob> claim_due_jobs(Catalog const &catalog, int limit, JobPosition from, TimestampTz now)
{
	std::size_t count = call([&] {
		Datum values[] = {TimestampTzGetDatum(from.due_at), Int64GetDatum(from.event_id), TimestampTzGetDatum(now),
						  Int32GetDatum(limit)};
		execute_as(catalog.owner, kClaim, kClaimTypes, values, SPI_OK_SELECT);
		return SPI_processed;
	});
	SPITupleTable *rows = SPI_tuptable;
	std::vector<DueJob> jobs(count);
	call([&] {
		for (std::size_t row = 0; row < count; row++) {
			DueJob &job = jobs[row];
			job.place = *reinterpret_cast<ItemPointer>(DatumGetPointer(datum_value(rows, row, 1, TIDOID)));
			job.event_id = int8_value(rows, row, 2);
			job.campaign_id = int8_value(rows, row, 3);
			job.contact_id = int8_value(rows, row, 4);
			job.occurred_at = timestamptz_value(rows, row, 5);
			job.due_at = timestamptz_value(rows, row, 6);
			job.attempts = int4_value(rows, row, 7);
			job.import_id = optional_int8_value(rows, row, 8);
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
	std::size_t count = call([&] {
		Datum values[] = {int8_array(ids.size(), [&](std::size_t i) { return ids[i]; })};
		execute_as(catalog.owner, kCampaigns, kCampaignsTypes, values, SPI_OK_SELECT);
		return SPI_processed;
	});
	SPITupleTable *rows = SPI_tuptable;
	Campaigns campaigns;
	for (std::size_t row = 0; row < count; row++)
		note_campaign(rows, row, campaigns);
	return campaigns;
}

std::size_t read_details(Catalog const &catalog, std::span<DueJob *const> jobs)
{
	if (jobs.empty())
		return 0;
	SPIPlanPtr plan = call([&] { // what is wrong with the tables is met here, once, and not blamed on the jobs
		UserSwitch caller = UserSwitch::become(catalog.owner);
		SPIPlanPtr prepared = prepare_statement(kDetails, kDetailsTypes);
		caller.undo();
		return prepared;
	});
	std::size_t done = 0, size = 0;
	if (!try_in_subtransaction([&] { done = read_some(catalog, plan, jobs, size); }))
		return done;
	size = 0;
	for (done = 0; done < jobs.size() && size < kMaxSize; done++)
		if (auto error = try_in_subtransaction([&] { (void)read_some(catalog, plan, jobs.subspan(done, 1), size); }))
			jobs[done]->error = *error;
	return done;
}

} // namespace vero::pg
