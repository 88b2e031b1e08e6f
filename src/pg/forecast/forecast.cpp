// What would become of jobs that events would get: judged now as the worker would judge them when they are due.
#include "pg/forecast/forecast.hpp"

#include "pg/base/datum.hpp"
#include "pg/base/jsonb_object.hpp"
#include "pg/campaigns/deciding_settings.hpp"
#include "pg/forecast/forecast_entry.hpp"
#include "pg/forecast/forecast_walk.hpp"
#include "pg/outbox/suppressions.hpp"
#include "pg/sql/statement.hpp"

namespace vero::pg {
namespace {

constexpr std::size_t kJudgedAtOnce = 1000;				  // jobs that are judged
constexpr std::size_t kMaxWaiting = 4 * 1024 * 1024;	  // bytes of what they are judged by
constexpr std::size_t kInMemory = std::size_t{128} << 10; // entries: 4 MB

constexpr Statement kScheduledJobs{
	R"(
	SELECT j.ctid, r.place, j.contact_id, least(greatest(j.due_at, j.registered_at), greatest(j.due_at, $3)) AS counts_from
	FROM vero.trigger_jobs AS j
	JOIN unnest($1, $2) AS r (place, campaign_id) ON r.campaign_id = j.campaign_id
	WHERE j.state = 'scheduled' AND j.message_id IS NULL)",
	{INT4ARRAYOID, INT8ARRAYOID, TIMESTAMPTZOID},
	{{"ctid", TIDOID}, {"place", INT4OID}, {"contact_id", INT8OID}, {"counts_from", TIMESTAMPTZOID}}};

/// Keeps the memory of the texts that it had.
void begin(DueJob &job, ForecastJob const &foretold)
{
	DueJob fresh{};
	fresh.email = std::move(job.email);
	fresh.event_name = std::move(job.event_name);
	job = std::move(fresh);
	job.email = foretold.email;
	job.event_name = foretold.event_name;
	job.contact_id = foretold.contact_id;
	job.occurred_at = foretold.occurred_at;
	job.is_unsubscribed = foretold.is_unsubscribed;
	job.event_properties = foretold.event_properties;
}

} // namespace

Forecast::Forecast(Catalog const &catalog, std::vector<CampaignCounts> const &counts, TimestampTz now, JobOrder order)
	: catalog_(catalog), now_(now), order_(order), campaigns_(counts.size()), properties_(catalog), entries_(kInMemory)
{
	for (CampaignCounts const &campaign : counts)
		ids_.push_back(campaign.campaign_id);
	waiting_.reserve(kJudgedAtOnce);
}

void Forecast::add(ForecastJob const &job)
{
	waiting_.push_back(job);
	if (waiting_.size() == kJudgedAtOnce)
		flush();
}

void Forecast::confirm(std::int64_t contact_id, std::size_t campaign, TimestampTz due_at, std::uint64_t order)
{
	add_to_forecast(entries_, make_forecast_entry(contact_id, campaign, std::max(due_at, now_), order, kConfirmation));
}

void Forecast::flush()
{
	if (waiting_.empty())
		return;
	check_for_interrupts();
	DecidingSettings settings;
	std::span<ForecastJob const> left = waiting_;
	while (!left.empty())
		left = left.subspan(judge_some(left));
	settings.end();
	waiting_.clear();
}

/// Is looked up when its first job comes.
ForecastCampaign &Forecast::campaign_of(std::size_t place)
{
	std::optional<ForecastCampaign> &known = campaigns_[place];
	if (!known) {
		known = find_forecast_campaign(catalog_, ids_[place]);
		reads_contact_properties_ = reads_contact_properties_ || known->reads_contact_properties;
	}
	return *known;
}

/// In the current memory context, until they take much: says how many of the jobs are ready to be judged.
std::size_t Forecast::fill(std::span<ForecastJob const> some)
{
	Jsonb *none = DatumGetJsonbP(JsonbObject().finish());
	jobs_.resize(some.size());
	for (std::size_t i = 0; i < some.size(); i++) {
		begin(jobs_[i], some[i]);
		jobs_[i].campaign_id = ids_[some[i].campaign];
		jobs_[i].contact_properties = none;
	}
	std::size_t const known = properties_.fill(
		some, jobs_, [this](ForecastJob const &job) { return campaign_of(job.campaign).reads_contact_properties; });
	std::span<DueJob> const jobs = std::span(jobs_).first(known);
	std::size_t size = 0, count = 0;
	conditions_.begin(jobs, [&](std::size_t place) -> ForecastCampaign & { return campaign_of(some[place].campaign); });
	while (count < jobs.size() && size < kMaxWaiting) {
		DueJob &job = jobs[count];
		conditions_.prepare(count, job, campaign_of(some[count].campaign));
		size += job.condition_input != nullptr ? VARSIZE(job.condition_input) : 0;
		count++;
	}
	return count;
}

/// The first of them; says how many.
std::size_t Forecast::judge_some(std::span<ForecastJob const> some)
{
	SpiConnection spi; // what a portion takes goes with it
	some = some.first(fill(some));
	std::span<DueJob> const jobs = std::span(jobs_).first(some.size());
	conditions_.judge(jobs, [&](std::size_t place) -> ForecastCampaign & { return campaign_of(some[place].campaign); });
	std::vector<std::uint16_t> marks;
	for (std::size_t i = 0; i < jobs.size(); i++)
		marks.push_back(judge_foretold(jobs[i], campaign_of(some[i].campaign)));
	suppress(jobs, marks);
	for (std::size_t i = 0; i < jobs.size(); i++) {
		auto const mark = static_cast<std::uint16_t>(marks[i] | (some[i].is_certain ? 0 : kUncertain));
		add_to_forecast(entries_, make_forecast_entry(some[i].contact_id, some[i].campaign,
													  std::max(some[i].due_at, now_), some[i].order, mark));
	}
	return some.size();
}

/// As apply_suppressions() does.
void Forecast::suppress(std::span<DueJob const> jobs, std::span<std::uint16_t> marks)
{
	std::vector<std::string_view> emails;
	std::vector<std::size_t> places;
	for (std::size_t i = 0; i < jobs.size(); i++) {
		if (marks[i] != 0)
			continue;
		emails.push_back(jobs[i].email);
		places.push_back(i);
	}
	if (emails.empty())
		return;
	for (std::size_t place : find_suppressed(catalog_, emails))
		marks[places[place]] = mark_of(Discard::suppressed);
}

/// Those of others that a cooldown may count.
void Forecast::add_scheduled_jobs()
{
	std::vector<std::size_t> limited;
	for (std::size_t place = 0; place < campaigns_.size(); place++) {
		if (campaigns_[place] && campaigns_[place]->campaign.cooldown_us > 0)
			limited.push_back(place);
	}
	if (limited.empty())
		return;
	SpiConnection spi;
	Prepared prepared;
	auto cursor = call([&] {
		return as_owner(catalog_, [&] {
			return Cursor<kScheduledJobs>(
				prepared,
				{int4_array(limited.size(), [&](std::size_t i) { return static_cast<std::int32_t>(limited[i]); }),
				 int8_array(limited.size(), [&](std::size_t i) { return ids_[limited[i]]; }), now_},
				CursorSees::what_was_committed);
		});
	});
	for (;;) {
		check_for_interrupts();
		auto rows = call([&] { return cursor.fetch(kJudgedAtOnce); });
		if (rows.count() == 0)
			break;
		for (std::size_t i = 0; i < rows.count(); i++) {
			add_to_forecast(entries_, call([&] {
								return make_scheduled_entry(rows[i].int8("contact_id"),
															static_cast<std::size_t>(rows[i].int4("place")),
															rows[i].timestamptz("counts_from"), rows[i].tid("ctid"));
							}));
		}
		call([&] { rows.free(); });
	}
	call([&] { cursor.close(); });
}

std::vector<CampaignCounts> Forecast::finish(std::vector<CampaignCounts> counts)
{
	flush();
	DecidingSettings settings;
	add_scheduled_jobs();
	entries_.sort();
	ForecastWalk(catalog_, now_, order_, campaigns_, counts).run(entries_);
	settings.end();
	return counts;
}

} // namespace vero::pg
