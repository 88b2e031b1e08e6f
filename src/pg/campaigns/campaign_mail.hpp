// Renders a campaign's mail for one job.
#pragma once

#include "pg/campaigns/job_decision.hpp"

namespace vero::pg {

/// Fills `outcome` with the mail, or with the error that keeps it from being written. Event and contact are there. Throws Error.
void write_mail(DueJob const &job, Campaign const &campaign, JobOutcome &outcome);

} // namespace vero::pg
