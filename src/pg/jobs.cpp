// Decides jobs that are due: their mail is written into the outbox, or they are discarded, or they fail.
#include "pg/jobs.hpp"

#include "pg/boundary.hpp"
#include "pg/campaign_mail.hpp"
#include "pg/conditions.hpp"
#include "pg/cooldown.hpp"
#include "pg/delivery.hpp"
#include "pg/due_jobs.hpp"
#include "pg/job_outcome.hpp"
#include "pg/result_row.hpp"

extern "C" {
#include "access/transam.h"
#include "access/xact.h"
#include "utils/guc.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

constexpr int kJobsAtOnce = 1000;

constexpr char const *kNextDue =
	"SELECT j.due_at FROM vero.trigger_jobs AS j WHERE j.state OPERATOR(pg_catalog.=) 'scheduled'"
	" AND j.message_id IS NULL ORDER BY j.due_at, j.event_id LIMIT 1";

// Conditions see times in UTC, whatever the session's zone. Jobs are found by the index of those that wait, and changed where
// they were found, at the same cost however many others there are and whatever is known of the table: the planner would rather
// read a small one whole, for each batch.
constexpr std::array<std::array<char const *, 2>, 7> kSettings{{{"TimeZone", "UTC"},
																{"enable_seqscan", "off"},
																{"enable_bitmapscan", "off"},
																{"enable_sort", "off"},
																{"enable_hashjoin", "off"},
																{"enable_mergejoin", "off"},
																{"jit", "off"}}};

/// Settings for the length of a scope. An ERROR undoes them as the (sub)transaction ends.
class SettingsScope {
public:
	SettingsScope() : level_(NewGUCNestLevel())
	{
		call([] {
			for (auto const &[name, value] : kSettings)
				(void)set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
		});
	}
	SettingsScope(SettingsScope const &) = delete;
	SettingsScope &operator=(SettingsScope const &) = delete;
	void end()
	{
		call([this] { AtEOXact_GUC(true, level_); });
	}

private:
	int level_;
};

/// Where nothing speaks against its mail: none.
std::optional<Discard> reason_to_discard(DueJob const &job, Campaign const &campaign)
{
	if (!campaign.is_active)
		return Discard::campaign_inactive;
	if (job.email.empty())
		return Discard::contact_deleted;
	if (job.event_name.empty())
		return Discard::event_deleted;
	if (job.is_unsubscribed && !campaign.is_transactional)
		return Discard::unsubscribed;
	if (!job.is_condition_true)
		return Discard::condition_false;
	return std::nullopt;
}

/// The outcomes of `jobs` as far as each job decides it by itself.
void judge(std::vector<DueJob> const &jobs, Campaigns const &campaigns, std::vector<JobOutcome> &outcomes)
{
	for (std::size_t i = 0; i < jobs.size(); i++) {
		Campaign const &campaign = campaigns.at(jobs[i].campaign_id);
		if (!jobs[i].error.empty())
			outcomes[i].error = jobs[i].error;
		else if (std::optional<Discard> reason = reason_to_discard(jobs[i], campaign))
			outcomes[i].discard = reason;
		else if (!campaign.error.empty())
			outcomes[i].error = campaign.error;
		else
			write_mail(jobs[i], campaign, outcomes[i]);
	}
}

/// Only those whose decision needs it.
void read_details_of_active(Catalog const &catalog, Campaigns const &campaigns, std::vector<DueJob> &jobs)
{
	std::vector<DueJob *> active;
	for (DueJob &job : jobs)
		if (campaigns.at(job.campaign_id).is_active)
			active.push_back(&job);
	read_details(catalog, active);
	std::erase_if(active, [](DueJob const *job) { return !job->event_name.empty() || !job->error.empty(); });
	read_details(catalog, find_moved_events(catalog, std::move(active)));
}

/// Those of `jobs` that it does not come to are taken out.
JobCounts decide(Catalog const &catalog, std::vector<DueJob> &jobs, TimestampTz now)
{
	Campaigns campaigns = find_campaigns(catalog, jobs);
	read_details_of_active(catalog, campaigns, jobs);
	std::size_t judged = judge_conditions(jobs);
	bool are_more_left = judged < jobs.size();
	jobs.erase(jobs.begin() + static_cast<std::ptrdiff_t>(judged), jobs.end());
	std::vector<JobOutcome> outcomes(jobs.size());
	judge(jobs, campaigns, outcomes);
	apply_cooldowns(catalog, jobs, campaigns, now, outcomes);
	JobCounts counts = store_outcomes(catalog, jobs, now, outcomes);
	counts.are_more_left = are_more_left;
	return counts;
}

/// Where run_jobs() stopped in this session: the next call goes on there, so that it need not pass the index entries of all jobs that
/// were decided before, which stay while anybody has an old snapshot. For a while only, for jobs may come in between.
struct {
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
		total.queued += counts.queued;
		total.discarded += counts.discarded;
		total.failed += counts.failed;
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
	if (IsolationUsesXactSnapshot())
		throw Report{ERRCODE_FEATURE_NOT_SUPPORTED, "jobs can only be decided at isolation level READ COMMITTED", "",
					 ""};
	check_for_interrupts();
	SpiConnection spi;
	Catalog catalog = find_catalog();
	require_delivery(catalog);
	TimestampTz now = GetCurrentTimestamp();
	SettingsScope settings;
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
	return call([&]() -> std::optional<TimestampTz> {
		UserSwitch caller = UserSwitch::become(catalog.owner);
		execute_statement(prepare_statement(kNextDue, {}), nullptr, nullptr, SPI_OK_SELECT);
		caller.undo();
		if (SPI_processed == 0)
			return std::nullopt;
		return timestamptz_value(SPI_tuptable, 0, 1);
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
