// What is decided of due jobs, step by step, and how it is stored.
//
// The steps are in conditions.cpp, job_judgement.cpp with campaign_mail.cpp, suppressed.cpp, cooldown.cpp and job_decision.cpp, in the order in which they stand below.
#pragma once

#include "core/campaign/discard.hpp"
#include "core/text/result.hpp"
#include "pg/campaigns/decide_jobs.hpp"
#include "pg/campaigns/due_jobs.hpp"
#include "pg/outbox/outbox.hpp"

namespace vero::pg {

/// What is decided of a job. It is discarded, or it fails, or it has a mail: exactly one of the three members says so.
struct JobOutcome {
	std::optional<Discard> discard;
	std::string error;				  ///< not empty: it fails
	std::optional<CampaignMail> mail; ///< goes into the outbox
};

/// Judges the condition of each job that has one, in the order of the jobs; one that cannot be judged, not within
/// vero_events.condition_timeout, or that is neither true nor false (find_condition_fault), is an error of its job alone. Says how many jobs
/// are done with: where several took their time, the rest is left for another transaction. `number_exceeded` counts those of all calls of a
/// transaction. Throws Error.
std::size_t judge_conditions(std::span<DueJob> jobs, int &number_exceeded);

/// Renders the campaign's mail for the job, whose event and contact are there. Fails where the campaign's templates were not read, or make
/// too large a text, or one in which nothing is seen. `note_empty` is called with each tag of which nothing is seen, where it is set. Throws Error.
Result<CampaignMail> write_mail(DueJob const &job, Campaign const &campaign,
								std::function<void(MergeTag const &)> note_empty = {});

/// The first reason to discard the job, in the order of Discard, by what is known of it; none where nothing speaks against its mail.
std::optional<Discard> reason_to_discard(DueJob const &job, Campaign const &campaign);

/// As far as the job decides it by itself: the error that it has; else reason_to_discard(); else its mail is
/// written. Throws Error.
JobOutcome judge_job(DueJob const &job, Campaign const &campaign);

/// Discards mail to people who were forgotten (pg/outbox/suppressions.hpp). Needs an SpiConnection. Throws Error, Report (58P01).
void apply_suppressions(Catalog const &catalog, std::span<DueJob const> jobs, std::span<JobOutcome> outcomes);

/// Whether two mails of which one counts from the one time, and one from the other, are too near to each other: they are not where a cooldown lies between them.
constexpr bool is_within_cooldown(TimestampTz one, TimestampTz other, std::int64_t cooldown_us)
{
	return one - other < cooldown_us && other - one < cooldown_us;
}

/// The mail of a campaign and a contact, by their ids, that was written after that time.
struct AskedMail {
	std::int64_t campaign_id;
	std::int64_t contact_id;
	TimestampTz written_after;
};

/// From when the latest such mail counts, as DueJob::counts_from has it; it may be on its way or stored, failed and cancelled ones left out. Needs an SpiConnection
/// and DecidingSettings. Throws Error.
std::vector<std::optional<TimestampTz>> find_last_mail(Catalog const &catalog, std::span<AskedMail const> asked);

/// Discards mail of campaigns with a cooldown to contacts who got that campaign within it, by the clock and by what both mails count from: by what the outbox
/// holds, failed messages left out, and by those among these that count from earlier. So a worker that is late discards nothing by that, and nobody is refused who got nothing for a
/// cooldown. From here to the end of the transaction no other session applies cooldowns, so that two jobs decided at the same moment see each other. Needs an
/// SpiConnection and DecidingSettings. Throws Error.
void apply_cooldowns(Catalog const &catalog, std::span<DueJob const> jobs, Campaigns const &campaigns, TimestampTz now,
					 std::span<JobOutcome> outcomes);

/// Writes the mail of `jobs` into vero.messages and the decisions into vero.trigger_jobs, as the owner. `outcomes` belong to `jobs` by
/// their places. Needs an SpiConnection. Throws Error.
JobCounts store_outcomes(Catalog const &catalog, std::span<DueJob const> jobs, TimestampTz now,
						 std::span<JobOutcome const> outcomes);

} // namespace vero::pg
