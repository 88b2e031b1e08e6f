// What would become of jobs that events would get: judged now as the worker would judge them when they are due.
#pragma once

#include "core/report/campaign_counts.hpp"
#include "pg/bulk/sorted_entries.hpp"
#include "pg/campaigns/due_jobs.hpp"

namespace vero::pg {

/// What is known of a contact's properties: those that are there are looked up, many that are small at once.
enum class ContactProperties : unsigned char { none, small, large };

/// A job that an event would get, and what is known of its event and its contact.
struct ForecastJob {
	std::size_t campaign;	 ///< its place among all
	std::int64_t contact_id; ///< below 0: there is none yet, and it is a number of his own
	bool is_unsubscribed;
	ContactProperties properties;
	std::string_view email;
	std::string_view event_name;
	Jsonb *event_properties;
	TimestampTz occurred_at;
	TimestampTz due_at;
	std::uint64_t order;	///< of jobs that are due at the same time; below 2^48
	bool is_certain = true; ///< else it counts only if it is confirmed
};

/// A campaign of a forecast.
struct ForecastCampaign {
	Campaign campaign;
	std::vector<char> condition; ///< a JsonPath; empty: none
	int slow_jobs = 0;			 ///< whose condition ran into a limit

	/// So many of them did that the others are taken to do so, too.
	bool is_slow() const { return slow_jobs >= 10; }
};

/// Judges jobs as they come, in portions, keeps what it found in temporary files, in the order of contact, campaign and time, and then walks
/// through that: a cooldown counts the mail that was written before, jobs that are scheduled already, and the forecast's own mail. What is known now
/// holds for all times. Memory does not grow with the jobs. Needs an SpiConnection.
class Forecast {
public:
	/// `counts`: of all campaigns that may have jobs, which may stand there already. `now`: what is due is sent then.
	Forecast(Catalog const &catalog, std::vector<CampaignCounts> const &counts, TimestampTz now);

	/// What the job refers to stays until flush(). Throws Error, Report (53400) where temp_file_limit has no room.
	void add(ForecastJob const &job);
	/// Judges what was added. Throws Error, Report likewise.
	void flush();
	/// A job that was added and is not certain counts after all. Throws likewise.
	void confirm(std::int64_t contact_id, std::size_t campaign, TimestampTz due_at, std::uint64_t order);
	/// To be called once, last. Gives `counts` with the forecast instead of what is scheduled in them; the addresses of contacts that are not there yet are left
	/// empty. Throws likewise.
	std::vector<CampaignCounts> finish(std::vector<CampaignCounts> counts);

private:
	ForecastCampaign &campaign_of(std::size_t place);
	std::size_t judge_some(std::span<ForecastJob const> some);
	std::size_t fill(std::span<ForecastJob const> some, std::vector<DueJob> &jobs);
	void judge_conditions_of(std::span<ForecastJob const> some, std::span<DueJob> jobs);
	void add_scheduled_jobs();

	Catalog catalog_;
	TimestampTz now_;
	std::vector<std::int64_t> ids_; ///< of campaigns, by their places
	std::vector<std::optional<ForecastCampaign>> campaigns_;
	std::vector<ForecastJob> waiting_;
	SortedEntries entries_;
};

} // namespace vero::pg
