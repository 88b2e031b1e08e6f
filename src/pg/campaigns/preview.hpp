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

/// A job of the campaign for an event, by its id. Throws Report (02000) where there is none.
DueJob job_of_event(Catalog const &catalog, NamedCampaign const &campaign, std::int64_t event);

/// A job for the latest event that the campaign is for, of whom has the address. Throws Report (02000) where there is none, 22023 for
/// what is no address.
DueJob job_of_latest(Catalog const &catalog, NamedCampaign const &campaign, std::string const &address);

/// Throws Report (55000) where the mail cannot be written.
Preview make_preview(Catalog const &catalog, DueJob job);

} // namespace vero::pg
