// The mail that a campaign would write for an event, whether or not it is to be written.
#pragma once

#include "pg/campaigns/job_decision.hpp"
#include "pg/outbox/named_campaign.hpp"

namespace vero::pg {

struct Preview {
	CampaignMail mail;
	std::string from;	 ///< "" where no sender is set
	std::string headers; ///< "" where it could not be sent
	std::vector<std::string> empty_tags;
};

// All need an SpiConnection, read as the owner, and throw Error.

/// How a job of the campaign is found by a function's second argument. Throws Report (22004) where that is null, 02000 where there is no such event.
using FindJob = DueJob (*)(Catalog const &catalog, NamedCampaign const &campaign, FunctionCallInfo fcinfo);

/// For the event that has that id.
DueJob job_of_event(Catalog const &catalog, NamedCampaign const &campaign, FunctionCallInfo fcinfo);

/// For the latest event that the campaign is for, of whom has that address. Throws Report (22023) for what is no address.
DueJob job_of_latest(Catalog const &catalog, NamedCampaign const &campaign, FunctionCallInfo fcinfo);

/// Throws Report (55000) where the mail cannot be written.
Preview make_preview(Catalog const &catalog, DueJob job);

} // namespace vero::pg
