// A campaign whose jobs are foretold.
#pragma once

#include "core/campaign/condition_reach.hpp"
#include "pg/campaigns/due_jobs.hpp"
#include "pg/campaigns/job_decision.hpp"

namespace vero::pg {

/// A campaign of a forecast, and what need not be found out for each of its jobs.
struct ForecastCampaign {
	Campaign campaign;
	std::vector<char> condition;				   ///< a JsonPath; empty: none
	std::optional<ConditionReach> condition_reach; ///< none: it may read anything
	bool reads_contact_properties = true;		   ///< its condition or its templates may
	/// Of templates without tags, which make the same mail for everybody: whether they make one. None: it is written for each job.
	std::optional<bool> makes_mail{};
	int slow_jobs = 0; ///< whose condition ran into a limit

	/// So many of them did that the others are taken to do so, too.
	bool is_slow() const { return slow_jobs >= 10; }
};

/// Needs an SpiConnection. Throws Error.
ForecastCampaign find_forecast_campaign(Catalog const &catalog, std::int64_t id);

/// What becomes of a job by what is known of it, but for suppressions and cooldowns, as judge_job() has it: as mark_of() says it. Throws Error.
std::uint16_t judge_foretold(DueJob const &job, ForecastCampaign const &campaign);

} // namespace vero::pg
