// What is decided of a job by what is known of its campaign, its contact and its event.
#include "pg/campaigns/job_decision.hpp"

namespace vero::pg {

std::optional<Discard> reason_to_discard(DueJob const &job, Campaign const &campaign)
{
	if (!campaign.is_active)
		return Discard::campaign_inactive;
	if (job.email.empty())
		return Discard::contact_deleted;
	if (job.event_name.empty())
		return Discard::event_deleted;
	if (job.is_unsubscribed && !campaign.is_transactional)
		return Discard::unsubscribed;
	if (!job.is_condition_true)
		return Discard::condition_false;
	return std::nullopt;
}

JobOutcome judge_job(DueJob const &job, Campaign const &campaign)
{
	JobOutcome outcome;
	if (!job.error.empty()) {
		outcome.error = job.error;
	} else if (std::optional<Discard> reason = reason_to_discard(job, campaign)) {
		outcome.discard = reason;
	} else if (Result<CampaignMail> mail = write_mail(job, campaign)) {
		outcome.mail = *std::move(mail);
	} else {
		outcome.error = std::move(mail.error());
	}
	return outcome;
}

} // namespace vero::pg
