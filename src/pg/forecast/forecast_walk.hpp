// Walks through the judged jobs of a forecast in the order of contact, campaign and time.
#pragma once

#include "core/report/campaign_counts.hpp"
#include "pg/forecast/forecast.hpp"
#include "pg/forecast/forecast_entry.hpp"

namespace vero::pg {

/// Counts what becomes of them, cooldowns counted through, some thousands at a time. Needs an SpiConnection and DecidingSettings.
class ForecastWalk {
public:
	/// `campaigns` and `counts` have their places in common. What is scheduled is counted anew. All outlive it.
	ForecastWalk(Catalog const &catalog, TimestampTz now, JobOrder order,
				 std::span<std::optional<ForecastCampaign> const> campaigns, std::vector<CampaignCounts> &counts);

	/// All of them; to be called once. Throws Error.
	void run(SortedEntries &entries);

private:
	/// The jobs of one contact and campaign, as far as they are in the window.
	struct Group {
		std::size_t begin, end;
		bool is_needed;						  ///< else it has no job of the forecast that a cooldown may discard
		std::optional<TimestampTz> last_mail; ///< in the outbox: from when the latest one counts
	};
	/// The first of the scheduled jobs that count from just then, where one of them would be sent.
	struct Scheduled {
		TimestampTz counts_from;
		std::uint64_t order;
	};
	/// Somebody with much mail: of those with as much, who comes first in the file.
	struct Busy {
		std::int64_t contact_id;
		std::int64_t mails;
		std::uint64_t order;
	};

	std::optional<ForecastEntry> read(SortedEntries &entries);
	bool read_window(SortedEntries &entries);
	void find_groups();
	bool is_current(ForecastEntry const &entry) const;
	void find_last_mails();
	void judge_scheduled();
	void judge_scheduled(std::vector<std::size_t> const &places);
	std::int64_t cooldown_of(ForecastEntry const &entry) const;
	void walk(Group const &group);
	bool is_cooling_down(ForecastEntry const &entry);
	void count(ForecastEntry const &entry);
	void end_group();
	void tell_busiest();

	Catalog catalog_;
	TimestampTz now_;
	JobOrder order_;
	std::span<std::optional<ForecastCampaign> const> campaigns_;
	std::vector<CampaignCounts> &counts_;
	std::vector<std::vector<Busy>> busiest_; ///< by campaign

	std::vector<ForecastEntry> window_;
	std::vector<Group> groups_; ///< of the window

	// of the group in hand, which may have begun before the window
	bool has_group_ = false;
	std::int64_t contact_id_ = 0;
	std::size_t campaign_ = 0;
	std::optional<TimestampTz> last_mail_; ///< from when the latest one counts
	std::optional<Scheduled> scheduled_;   ///< who got it
	std::int64_t mails_ = 0;
	std::uint64_t first_order_ = 0;
};

} // namespace vero::pg
