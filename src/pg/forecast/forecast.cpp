// What would become of jobs that events would get: judged now as the worker would judge them when they are due.
#include "pg/forecast/forecast.hpp"

#include "core/property/limit_exceeded.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/jsonb_object.hpp"
#include "pg/campaigns/condition_input.hpp"
#include "pg/campaigns/deciding_settings.hpp"
#include "pg/forecast/forecast_entry.hpp"
#include "pg/forecast/forecast_walk.hpp"
#include "pg/sql/statement.hpp"

namespace vero::pg {
namespace {

constexpr std::size_t kAtOnce = 1000;					  // jobs that are judged
constexpr std::size_t kMaxSize = 4 * 1024 * 1024;		  // bytes of what they are judged by
constexpr std::size_t kInMemory = std::size_t{128} << 10; // entries: 4 MB
constexpr int kMaxSlow =
	10; // jobs of one campaign whose condition runs into a limit: the others are taken to do so, too

constexpr Statement kCondition{
	R"(
	SELECT c.condition
	FROM vero.campaigns AS c
	WHERE c.id = $1)",
	{INT8OID},
	{{"condition", JSONPATHOID}}};

constexpr Statement kProperties{
	R"(
	SELECT r.place, c.properties
	FROM unnest($1, $2) AS r (place, contact_id)
	CROSS JOIN LATERAL (
		SELECT x.properties
		FROM vero.contacts AS x
		WHERE x.id = r.contact_id
		OFFSET 0) AS c)",
	{INT4ARRAYOID, INT8ARRAYOID},
	{{"place", INT4OID}, {"properties", JSONBOID}}};

constexpr Statement kScheduledJobs{
	R"(
	SELECT j.ctid, r.place, j.contact_id, j.due_at
	FROM vero.trigger_jobs AS j
	JOIN unnest($1, $2) AS r (place, campaign_id) ON r.campaign_id = j.campaign_id
	WHERE j.state = 'scheduled' AND j.message_id IS NULL)",
	{INT4ARRAYOID, INT8ARRAYOID},
	{{"ctid", TIDOID}, {"place", INT4OID}, {"contact_id", INT8OID}, {"due_at", TIMESTAMPTZOID}}};

std::vector<char> find_condition(Catalog const &catalog, std::int64_t campaign)
{
	std::string_view bytes = call([&]() -> std::string_view {
		auto rows = run_as_owner<kCondition>(catalog, {campaign});
		std::optional<Datum> condition = rows.count() == 0 ? std::nullopt : rows[0].optional_datum("condition");
		if (!condition)
			return {};
		auto *path = PG_DETOAST_DATUM(*condition);
		return {reinterpret_cast<char const *>(path), VARSIZE(path)};
	});
	return {bytes.begin(), bytes.end()};
}

/// Gives those of the jobs that need them the properties of their contacts, until these take much. Says of how many jobs, from the first one, all are there.
std::size_t read_properties(Catalog const &catalog, std::span<ForecastJob const> some, std::span<DueJob> jobs)
{
	std::vector<std::size_t> places;
	bool are_small = true;
	for (std::size_t i = 0; i < some.size(); i++) {
		if (some[i].properties == ContactProperties::none)
			continue;
		places.push_back(i);
		are_small = are_small && some[i].properties == ContactProperties::small;
	}
	if (places.empty())
		return jobs.size();
	Prepared prepared;
	auto cursor = call([&] {
		return as_owner(catalog, [&] {
			return Cursor<kProperties>(
				prepared,
				{int4_array(places.size(), [&](std::size_t i) { return static_cast<std::int32_t>(places[i]); }),
				 int8_array(places.size(), [&](std::size_t i) { return some[places[i]].contact_id; })},
				CursorSees::what_was_committed);
		});
	});
	std::size_t known = jobs.size();
	call([&] {
		long const at_once = are_small ? static_cast<long>(kAtOnce) : 1;
		std::size_t size = 0;
		for (auto rows = cursor.fetch(at_once); rows.count() > 0 && size <= kMaxSize; rows = cursor.fetch(at_once)) {
			for (std::size_t i = 0; i < rows.count(); i++) {
				auto place = static_cast<std::size_t>(rows[i].int4("place"));
				jobs[place].contact_properties =
					reinterpret_cast<Jsonb *>(PG_DETOAST_DATUM_COPY(rows[i].datum("properties")));
				size += VARSIZE(jobs[place].contact_properties);
				known = size > kMaxSize && !are_small ? place + 1 : known;
			}
			rows.free();
		}
		cursor.close();
	});
	return known;
}

/// Takes it for one whose condition runs into a limit, too.
void give_up(DueJob &job)
{
	job.condition_input = nullptr;
	job.error = "the campaign's condition took too long for others";
}

/// So that the condition can be judged, where there is one that has a say.
void prepare_condition(DueJob &job, ForecastCampaign &campaign)
{
	if (campaign.condition.empty() || (job.is_unsubscribed && !campaign.campaign.is_transactional))
		return;
	if (campaign.is_slow()) {
		give_up(job);
		return;
	}
	try {
		job.condition = reinterpret_cast<JsonPath *>(campaign.condition.data());
		job.condition_input = make_condition_input(job);
	} catch (LimitExceeded const &error) {
		job.error = error.what();
	}
}

} // namespace

Forecast::Forecast(Catalog const &catalog, std::vector<CampaignCounts> const &counts, TimestampTz now)
	: catalog_(catalog), now_(now), campaigns_(counts.size()), entries_(kInMemory)
{
	for (CampaignCounts const &campaign : counts)
		ids_.push_back(campaign.campaign_id);
	waiting_.reserve(kAtOnce);
}

void Forecast::add(ForecastJob const &job)
{
	waiting_.push_back(job);
	if (waiting_.size() == kAtOnce)
		flush();
}

void Forecast::confirm(std::int64_t contact_id, std::size_t campaign, TimestampTz due_at, std::uint64_t order)
{
	add_to_forecast(entries_, make_forecast_entry(contact_id, campaign, due_at, order, kConfirmation));
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
		Campaigns found = find_campaigns(catalog_, std::span<std::int64_t const>(&ids_[place], 1));
		known.emplace(ForecastCampaign{std::move(found.at(ids_[place])), find_condition(catalog_, ids_[place])});
	}
	return *known;
}

/// In the current memory context, until they take much: says how many there are.
std::size_t Forecast::fill(std::span<ForecastJob const> some, std::vector<DueJob> &jobs)
{
	Datum const none = JsonbObject().finish();
	jobs.resize(some.size());
	for (std::size_t i = 0; i < some.size(); i++) {
		DueJob &job = jobs[i];
		job.campaign_id = ids_[some[i].campaign];
		job.contact_id = some[i].contact_id;
		job.occurred_at = some[i].occurred_at;
		job.email = some[i].email;
		job.is_unsubscribed = some[i].is_unsubscribed;
		job.contact_properties = call([none] { return DatumGetJsonbP(none); });
		job.event_name = some[i].event_name;
		job.event_properties = some[i].event_properties;
	}
	jobs.resize(read_properties(catalog_, some, jobs));
	std::size_t size = 0, count = 0;
	while (count < jobs.size() && size < kMaxSize) {
		DueJob &job = jobs[count];
		prepare_condition(job, campaign_of(some[count].campaign));
		size += job.condition_input != nullptr ? VARSIZE(job.condition_input) : 0;
		count++;
	}
	jobs.resize(count);
	return count;
}

void Forecast::judge_conditions_of(std::span<ForecastJob const> some, std::span<DueJob> jobs)
{
	for (std::size_t done = 0; done < jobs.size();) {
		int number_exceeded = 0;
		std::size_t const end = done + judge_conditions(jobs.subspan(done), number_exceeded);
		for (; done < end; done++)
			campaign_of(some[done].campaign).slow_jobs += jobs[done].has_met_limit ? 1 : 0;
		for (std::size_t i = end; i < jobs.size() && number_exceeded > 0; i++) {
			if (jobs[i].condition_input != nullptr && campaign_of(some[i].campaign).is_slow())
				give_up(jobs[i]);
		}
	}
}

/// The first of them; says how many.
std::size_t Forecast::judge_some(std::span<ForecastJob const> some)
{
	SpiConnection spi; // what a portion takes goes with it
	std::vector<DueJob> jobs;
	some = some.first(fill(some, jobs));
	judge_conditions_of(some, jobs);
	std::vector<JobOutcome> outcomes;
	for (std::size_t i = 0; i < jobs.size(); i++) {
		outcomes.push_back(judge_job(jobs[i], campaign_of(some[i].campaign).campaign));
		if (outcomes.back().mail)
			outcomes.back().mail.emplace(); // that there is one is enough
	}
	apply_suppressions(catalog_, jobs, outcomes);
	for (std::size_t i = 0; i < jobs.size(); i++) {
		auto mark = static_cast<std::uint16_t>(mark_of(outcomes[i]) | (some[i].is_certain ? 0 : kUncertain));
		add_to_forecast(entries_,
						make_forecast_entry(some[i].contact_id, some[i].campaign, some[i].due_at, some[i].order, mark));
	}
	return some.size();
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
				 int8_array(limited.size(), [&](std::size_t i) { return ids_[limited[i]]; })},
				CursorSees::what_was_committed);
		});
	});
	for (;;) {
		check_for_interrupts();
		auto rows = call([&] { return cursor.fetch(kAtOnce); });
		if (rows.count() == 0)
			break;
		for (std::size_t i = 0; i < rows.count(); i++) {
			add_to_forecast(entries_, call([&] {
								return make_scheduled_entry(rows[i].int8("contact_id"),
															static_cast<std::size_t>(rows[i].int4("place")),
															rows[i].timestamptz("due_at"), rows[i].tid("ctid"));
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
	ForecastWalk(catalog_, now_, campaigns_, counts).run(entries_);
	settings.end();
	return counts;
}

} // namespace vero::pg
