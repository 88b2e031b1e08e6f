// Judges the conditions of jobs that are foretold.
#include "pg/forecast/foretold_conditions.hpp"

#include "core/property/limit_exceeded.hpp"
#include "pg/campaigns/condition_input.hpp"

namespace vero::pg {
namespace {

using Verdict = ConditionMemo::Verdict;

/// Takes it for one whose condition runs into a limit, too.
void give_up(DueJob &job)
{
	job.condition_input = nullptr;
	job.error = "the campaign's condition took too long for others";
}

Verdict verdict_of(DueJob const &job)
{
	if (job.has_met_limit)
		return Verdict::unknown; // another time it may not
	if (!job.error.empty())
		return Verdict::error;
	return job.is_condition_true ? Verdict::yes : Verdict::no;
}

} // namespace

void ForetoldConditions::begin(std::span<DueJob const> jobs, CampaignOf const &campaign_of)
{
	keys_.clear();
	for (std::size_t place = 0; place < jobs.size(); place++) {
		keys_.emplace_back();
		ForecastCampaign const &campaign = campaign_of(place);
		if (campaign.condition.empty() || !campaign.condition_reach)
			continue;
		if (!memo_)
			memo_.emplace();
		keys_.back() = memo_->key_of(jobs[place], *campaign.condition_reach);
	}
}

/// False where nobody knows.
bool ForetoldConditions::recall(std::size_t place, DueJob &job) const
{
	Verdict const verdict = keys_[place] ? memo_->find(*keys_[place]) : Verdict::unknown;
	job.is_condition_true = verdict == Verdict::yes;
	if (verdict == Verdict::error)
		job.error = "the campaign's condition cannot be judged";
	return verdict != Verdict::unknown;
}

void ForetoldConditions::prepare(std::size_t place, DueJob &job, ForecastCampaign &campaign)
{
	if (campaign.condition.empty() || (job.is_unsubscribed && !campaign.campaign.is_transactional))
		return;
	if (campaign.is_slow()) {
		give_up(job);
		return;
	}
	if (recall(place, job))
		return;
	try {
		job.condition = reinterpret_cast<JsonPath *>(campaign.condition.data());
		job.condition_input = make_condition_input(job);
	} catch (LimitExceeded const &error) {
		job.error = error.what();
	}
}

void ForetoldConditions::judge(std::span<DueJob> jobs, CampaignOf const &campaign_of)
{
	for (std::size_t done = 0; done < jobs.size();) {
		int number_exceeded = 0;
		std::size_t const end = done + judge_conditions(jobs.subspan(done), number_exceeded);
		for (; done < end; done++) {
			campaign_of(done).slow_jobs += jobs[done].has_met_limit ? 1 : 0;
			if (keys_[done] && jobs[done].condition_input != nullptr)
				memo_->note(*keys_[done], verdict_of(jobs[done]));
		}
		for (std::size_t i = end; i < jobs.size() && number_exceeded > 0; i++) {
			if (jobs[i].condition_input != nullptr && campaign_of(i).is_slow())
				give_up(jobs[i]);
		}
	}
}

} // namespace vero::pg
