// Keeps people who were forgotten from getting a campaign's mail again.
#include "pg/campaigns/job_decision.hpp"

#include "pg/outbox/suppressions.hpp"

namespace vero::pg {

void apply_suppressions(Catalog const &catalog, std::span<DueJob const> jobs, std::span<JobOutcome> outcomes)
{
	std::vector<std::string_view> emails;
	std::vector<JobOutcome *> with_mail;
	for (std::size_t i = 0; i < jobs.size(); i++) {
		if (!outcomes[i].mail)
			continue;
		emails.push_back(jobs[i].email);
		with_mail.push_back(&outcomes[i]);
	}
	if (emails.empty())
		return;
	for (std::size_t place : find_suppressed(catalog, emails)) {
		with_mail[place]->mail.reset();
		with_mail[place]->discard = Discard::suppressed;
	}
}

} // namespace vero::pg
