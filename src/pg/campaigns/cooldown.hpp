// Keeps a contact from getting a campaign again too soon.
#pragma once

#include "pg/campaigns/job_decision.hpp"

namespace vero::pg {

/// Discards mail of campaigns with a cooldown to contacts who got that campaign within it: by what the outbox holds, failed messages
/// left out, and by earlier jobs among these. From here to the end of the transaction no other session applies cooldowns, so
/// that two jobs decided at the same moment see each other. Needs an SpiConnection. Throws Error.
void apply_cooldowns(Catalog const &catalog, std::span<DueJob const> jobs, Campaigns const &campaigns, TimestampTz now,
					 std::span<JobOutcome> outcomes);

} // namespace vero::pg
