// Writes messages into the outbox.
#pragma once

#include "pg/job_outcome.hpp"

namespace vero::pg {

/// What a job's mail says, and to whom.
struct CampaignMessage {
	DueJob const *job;
	RenderedMail const *mail;
};

/// Writes them into vero.messages as the owner and gives their ids, in order. Needs an SpiConnection. Throws Error.
std::vector<std::int64_t> put_into_outbox(Catalog const &catalog, std::vector<CampaignMessage> const &messages,
										  TimestampTz now);

} // namespace vero::pg
