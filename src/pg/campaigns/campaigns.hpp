// The campaigns that events trigger.
#pragma once

#include "core/campaign/trigger_rule.hpp"
#include "pg/sql/catalog.hpp"

namespace vero::pg {

/// What has to be known of a campaign to give it jobs.
struct CampaignTrigger {
	std::int64_t campaign_id;
	std::string folded_event_name; ///< as fold_name() has it
	TriggerTiming timing;
};

/// All active campaigns, read as the owner and locked against deletion until the end of the transaction, so that jobs may refer to
/// them unchecked. Needs an SpiConnection. Throws Error.
std::vector<CampaignTrigger> find_active_campaigns(Catalog const &catalog);

} // namespace vero::pg
