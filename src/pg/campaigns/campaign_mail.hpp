// Renders a campaign's mail for one job.
#pragma once

#include "core/text/result.hpp"
#include "pg/campaigns/due_jobs.hpp"
#include "pg/outbox/outbox.hpp"

namespace vero::pg {

/// Fails where the campaign's templates were not read, or make too large a text. Event and contact are there. Throws Error.
Result<CampaignMail> write_mail(DueJob const &job, Campaign const &campaign);

} // namespace vero::pg
