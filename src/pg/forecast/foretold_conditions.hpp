// Judges the conditions of jobs that are foretold.
#pragma once

#include "pg/forecast/condition_memo.hpp"
#include "pg/forecast/forecast_campaign.hpp"

namespace vero::pg {

/// Judges them as the worker does, but those of the same values once, and none of a campaign any more after some ran into a limit. Portion by portion.
class ForetoldConditions {
public:
	using CampaignOf = std::function<ForecastCampaign &(std::size_t)>;

	/// A portion of jobs, which have their events and contacts; `campaign_of` tells the campaign of the job at a place, as below. Throws Error.
	void begin(std::span<DueJob const> jobs, CampaignOf const &campaign_of);
	/// The next job of the portion: as far as possible its condition is judged. In the current memory context. Throws Error.
	void prepare(std::size_t place, DueJob &job, ForecastCampaign &campaign);
	/// The portion's other conditions, as far as jobs were prepared. Throws Error.
	void judge(std::span<DueJob> jobs, CampaignOf const &campaign_of);

private:
	bool recall(std::size_t place, DueJob &job) const;

	std::optional<ConditionMemo> memo_;
	std::vector<std::optional<Hash128>>
		keys_; ///< of the portion's jobs whose conditions read values that can be looked up
};

} // namespace vero::pg
