// Jobs of one campaign for events that are stored already: they are written, or it is said what would become of them.
#pragma once

#include "pg/campaigns/job_scheduler.hpp"

namespace vero::pg {

/// What is to be backfilled: events from `since` on that are of the campaign's name and have no job for it. They are judged by the rule of an import that began at `now`.
struct Backfill {
	std::int64_t campaign_id;
	std::string campaign;
	std::string event_name;
	TriggerTiming timing;
	TimestampTz since;
	TimestampTz now;
};

// Both see what was committed when they begin, and read the events once, in portions. They need an SpiConnection, and throw Error; and Report (53400) where more jobs would be
// scheduled than vero_events.max_jobs_per_import, with what was counted as its DETAIL.

/// What would become of the jobs, judged now as the worker would judge them when they are due.
CampaignCounts forecast_backfill(Catalog const &catalog, Backfill const &backfill);

/// Writes the jobs, and counts what they are. The transaction sees what is committed when a statement begins, has locked the campaign against deletion, and is the only one
/// that backfills it.
CampaignCounts register_backfill(Catalog const &catalog, Backfill const &backfill);

// What both have in common.

constexpr std::size_t kBackfilledAtOnce = 1000; // events

/// The one that a JobRegistrar is for.
TriggeredCampaigns triggered_by(Backfill const &backfill);

/// Throws that Report where it is so. `events`: how many were counted; `is_whole`: these are all.
void check_backfill_limit(JobRegistrar const &jobs, CampaignCounts const &counts, std::int64_t events, bool is_whole);

} // namespace vero::pg
