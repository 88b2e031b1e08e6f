// Decides jobs that are due: their mail is written into the outbox, or they are discarded, or they fail.
#include "pg/campaigns/decide_jobs.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/campaigns/deciding_settings.hpp"
#include "pg/campaigns/due_jobs.hpp"
#include "pg/campaigns/job_decision.hpp"
#include "pg/outbox/delivery_right.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "access/transam.h"
#include "access/xact.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

constexpr int kJobsAtOnce = 1000;
constexpr std::size_t kMaxMailSize = 4 * 1024 * 1024; // bytes of mails that are in memory before they are stored

constexpr Statement kNextDue{
	R"(
	SELECT j.due_at
	FROM vero.trigger_jobs AS j
	WHERE j.state = 'scheduled' AND j.message_id IS NULL
	ORDER BY j.due_at, j.event_id
	LIMIT $1)",
	{INT8OID},
	{{"due_at", TIMESTAMPTZOID}}};

std::size_t size_of(JobOutcome const &outcome)
{
	auto size = [](std::optional<std::string> const &part) { return part ? part->size() : 0; };
	return outcome.mail ? outcome.mail->subject.size() + size(outcome.mail->body_text) + size(outcome.mail->body_html)
						: 0;
}

/// The first of `jobs`, until their mails are large. Says how many.
std::size_t judge_and_store(Catalog const &catalog, std::span<DueJob const> jobs, Campaigns const &campaigns,
							TimestampTz now, JobCounts &counts)
{
	std::vector<JobOutcome> outcomes;
	std::size_t size = 0;
	while (outcomes.size() < jobs.size() && size < kMaxMailSize) {
		DueJob const &job = jobs[outcomes.size()];
		outcomes.push_back(judge_job(job, campaigns.at(job.campaign_id)));
		size += size_of(outcomes.back());
	}
	SpiConnection spi; // what storing them takes goes with it
	jobs = jobs.first(outcomes.size());
	apply_suppressions(catalog, jobs, outcomes);
	apply_cooldowns(catalog, jobs, campaigns, now, outcomes);
	counts.add(store_outcomes(catalog, jobs, now, outcomes));
	return outcomes.size();
}

/// Only of those whose decision needs them. Says of how many jobs all that is needed is known.
std::size_t read_details_of_active(Catalog const &catalog, Campaigns const &campaigns, std::span<DueJob> jobs)
{
	std::vector<DueJob *> active;
	for (DueJob &job : jobs) {
		if (campaigns.at(job.campaign_id).is_active)
			active.push_back(&job);
	}
	std::size_t known = jobs.size();
	auto read = [&](std::vector<DueJob *> const &some) {
		std::size_t count = read_details(catalog, some);
		if (count < some.size())
			known = std::min(known, static_cast<std::size_t>(some[count] - jobs.data()));
		return count;
	};
	active.resize(read(active));
	std::erase_if(active, [](DueJob const *job) { return !job->event_name.empty() || !job->error.empty(); });
	read(find_moved_events(catalog, std::move(active)));
	return known;
}

/// In portions whose events, contacts and mails are a few megabytes. Those of `jobs` that it does not come to are taken out.
JobCounts decide(Catalog const &catalog, std::vector<DueJob> &jobs, TimestampTz now)
{
	Campaigns campaigns = find_campaigns(catalog, jobs);
	JobCounts counts;
	int number_exceeded = 0;
	std::size_t done = 0;
	while (done < jobs.size() && !counts.are_more_left) {
		SpiConnection spi; // what a portion takes goes with it
		std::span<DueJob> portion = std::span(jobs).subspan(done);
		portion = portion.first(read_details_of_active(catalog, campaigns, portion));
		std::size_t judged = judge_conditions(portion, number_exceeded);
		counts.are_more_left = judged < portion.size();
		for (std::size_t stored = 0; stored < judged;)
			stored += judge_and_store(catalog, portion.subspan(stored, judged - stored), campaigns, now, counts);
		done += judged;
	}
	jobs.erase(jobs.begin() + static_cast<std::ptrdiff_t>(done), jobs.end());
	return counts;
}

/// Where run_jobs() stopped in this session: the next call goes on there, so that it need not pass the index entries of all jobs that
/// were decided before, which stay while anybody has an old snapshot. For a while only, for jobs may come in between.
constinit struct {
	JobPosition position;
	TransactionId transaction = InvalidTransactionId; ///< whose decisions lie before it
	TimestampTz since = DT_NOBEGIN;
} stop;

constexpr TimestampTz kStopAge_us = 10 * USECS_PER_SEC;

/// False as well where what was decided has been rolled back.
bool is_stop_valid(TimestampTz now)
{
	return TransactionIdIsValid(stop.transaction) && now >= stop.since && now - stop.since < kStopAge_us && call([] {
			   return TransactionIdIsCurrentTransactionId(stop.transaction) || TransactionIdDidCommit(stop.transaction);
		   });
}

/// All that are due, as far as `limit` goes: where there are no more behind the stop, also those before it.
JobCounts run_jobs(int limit)
{
	JobCounts total;
	TimestampTz now = GetCurrentTimestamp();
	bool is_whole = !is_stop_valid(now);
	JobPosition from = is_whole ? JobPosition() : stop.position;
	if (is_whole)
		stop.since = now;
	while (total.decided() < limit) {
		int at_once = static_cast<int>(std::min<std::int64_t>(kJobsAtOnce, limit - total.decided()));
		JobCounts counts = decide_due_jobs(at_once, from, from);
		total.add(counts);
		if (counts.decided() == at_once || counts.are_more_left)
			continue;
		if (is_whole)
			break;
		is_whole = true;
		from = JobPosition();
	}
	stop.position = from;
	stop.transaction = total.decided() < limit ? InvalidTransactionId : GetCurrentTransactionIdIfAny();
	return total;
}

} // namespace

JobCounts decide_due_jobs(int limit, JobPosition from, JobPosition &reached, JobsBegun const &begun)
{
	if (IsolationUsesXactSnapshot()) {
		throw Report{ERRCODE_FEATURE_NOT_SUPPORTED, "jobs can only be decided at isolation level READ COMMITTED", "",
					 ""};
	}
	check_for_interrupts();
	SpiConnection spi;
	Catalog catalog = find_catalog();
	require_delivery(catalog);
	TimestampTz now = GetCurrentTimestamp();
	DecidingSettings settings;
	std::vector<DueJob> jobs = claim_due_jobs(catalog, limit, from, now);
	JobCounts counts;
	if (!jobs.empty()) {
		if (begun)
			begun(jobs);
		counts = decide(catalog, jobs, now);
		reached = {jobs.back().due_at, jobs.back().event_id};
	}
	settings.end();
	return counts;
}

std::optional<TimestampTz> next_job_due()
{
	SpiConnection spi;
	Catalog catalog = find_catalog();
	return call([&] {
		auto rows = run_as_owner<kNextDue>(catalog, {std::int64_t{1}});
		return rows.count() == 0 ? std::nullopt : std::optional(rows[0].timestamptz("due_at"));
	});
}

} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_run_jobs)
{
	return enter([&] {
		int limit = PG_GETARG_INT32(0);
		if (limit < 0)
			throw Report{ERRCODE_INVALID_PARAMETER_VALUE, "\"limit\" must not be negative", "", ""};
		JobCounts counts = run_jobs(limit);
		return count_row(fcinfo, {counts.queued, counts.discarded, counts.failed});
	});
}
