// What a backfill and its forecast have in common.
#include "pg/backfill/backfill.hpp"

#include "core/text/text.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/settings.hpp"
#include "pg/import/too_many_jobs.hpp"

namespace vero::pg {

TriggeredCampaigns triggered_by(Backfill const &backfill)
{
	TriggeredCampaigns campaigns;
	campaigns.add(backfill.campaign_id, backfill.campaign, backfill.event_name, backfill.timing);
	return campaigns;
}

void check_backfill_limit(JobRegistrar const &jobs, CampaignCounts const &counts, std::int64_t events, bool is_whole)
{
	std::optional<std::int64_t> const most = max_jobs_per_import();
	if (!most || jobs.scheduled() <= *most)
		return;
	throw Report{ERRCODE_CONFIGURATION_LIMIT_EXCEEDED,
				 "too many mails would be scheduled: " + group_digits(jobs.scheduled()) + " by " +
					 (is_whole ? "" : "the first ") + group_digits(events) + (events == 1 ? " event" : " events") +
					 ", and vero_events.max_jobs_per_import is " + group_digits(*most),
				 describe_jobs({&counts, 1}, "\n"),
				 "A later \"since\" takes fewer events. Superusers can raise the setting."};
}

} // namespace vero::pg
