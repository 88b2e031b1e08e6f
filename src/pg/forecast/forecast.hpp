// What would become of jobs that events would get: judged now as the worker would judge them when they are due.
#pragma once

#include "core/report/campaign_counts.hpp"
#include "pg/bulk/sorted_entries.hpp"
#include "pg/forecast/forecast_campaign.hpp"
#include "pg/forecast/foretold_conditions.hpp"
#include "pg/forecast/foretold_properties.hpp"

namespace vero::pg {

/// Judges jobs as they come, in portions, keeps what it found in temporary files, in the order of contact, campaign and time, and then walks
/// through that: a cooldown counts the mail that was written before, jobs that are scheduled already, and the forecast's own mail. What is known now
/// holds for all times. Memory does not grow with the jobs. Needs an SpiConnection.
class Forecast {
public:
	/// `counts`: of all campaigns that may have jobs, which may stand there already. `now`: what is due is sent then. `order`: what that of each
	/// job is.
	Forecast(Catalog const &catalog, std::vector<CampaignCounts> const &counts, TimestampTz now, JobOrder order);

	/// What the job refers to stays until flush(). Throws Error, Report (53400) where temp_file_limit has no room.
	void add(ForecastJob const &job);
	/// Judges what was added. Throws Error, Report likewise.
	void flush();
	/// Properties that are small are kept in about so much memory.
	void limit_kept_properties(std::size_t bytes) { properties_.limit(bytes); }
	/// Whether any of the campaigns met so far reads properties of contacts: then these may be given before their jobs, which saves their look-ups.
	bool reads_contact_properties() const { return reads_contact_properties_; }
	/// Copies them. They are small.
	void keep_properties(std::int64_t contact_id, Jsonb const *properties) { properties_.keep(contact_id, properties); }
	/// A job that was added and is not certain counts after all. Throws likewise.
	void confirm(std::int64_t contact_id, std::size_t campaign, TimestampTz due_at, std::uint64_t order);
	/// To be called once, last. Gives `counts` with the forecast instead of what is scheduled in them; the addresses of contacts that are not there yet are left
	/// empty. Throws likewise.
	std::vector<CampaignCounts> finish(std::vector<CampaignCounts> counts);

private:
	ForecastCampaign &campaign_of(std::size_t place);
	std::size_t judge_some(std::span<ForecastJob const> some);
	std::size_t fill(std::span<ForecastJob const> some);
	void suppress(std::span<DueJob const> jobs, std::span<std::uint16_t> marks);
	void add_scheduled_jobs();

	Catalog catalog_;
	TimestampTz now_;
	JobOrder order_;
	std::vector<std::int64_t> ids_; ///< of campaigns, by their places
	std::vector<std::optional<ForecastCampaign>> campaigns_;
	std::vector<ForecastJob> waiting_;
	std::vector<DueJob> jobs_; ///< of the portion that is judged
	bool reads_contact_properties_ = false;
	ForetoldProperties properties_;
	ForetoldConditions conditions_;
	SortedEntries entries_;
};

} // namespace vero::pg
