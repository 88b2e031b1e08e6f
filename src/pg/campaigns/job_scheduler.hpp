// Gives an import's events the jobs of the campaigns that they trigger.
#pragma once

#include "core/campaign/trigger_rule.hpp"
#include "core/intake/batch.hpp"
#include "core/report/campaign_counts.hpp"
#include "pg/bulk/table_writer.hpp"
#include "pg/sql/catalog.hpp"

extern "C" {
#include "datatype/timestamp.h"
}

namespace vero::pg {

/// What has to be known of a campaign to give it jobs.
struct CampaignTrigger {
	std::int64_t campaign_id;
	std::string folded_event_name; ///< as fold_name() has it
	TriggerTiming timing;
	std::size_t place; ///< among those of a JobRegistrar
};

/// One event that may trigger campaigns.
struct TriggeringEvent {
	std::int64_t id;
	std::int64_t contact_id;
	TimestampTz occurred_at;
	std::string_view name;
	std::optional<std::int64_t> import_id; ///< none: it was tracked
};

/// Campaigns in the order of their ids, with what is counted of each.
struct TriggeredCampaigns {
	std::vector<CampaignTrigger> triggers;
	std::vector<CampaignCounts> counts;

	/// Throws Report (23514) where it does not have a delay that a campaign may have: by that jobs are written unchecked.
	void add(std::int64_t id, std::string name, std::string_view event_name, TriggerTiming timing);
};

/// What is late: an event that was imported, or also one that is tracked as it happens.
enum class Lateness : unsigned char {
	judged, ///< by the campaign's grace
	none,	///< what is due goes out at once
};

/// Writes a job for each event and active campaign of its name, into vero.trigger_jobs, as the owner. Needs an SpiConnection.
class JobRegistrar {
public:
	/// True where no statement writes jobs, and with it runs no code but the extension's own. To be called in call().
	static bool runs_no_statement(Catalog const &catalog);

	/// `now`: the import's start, by which jobs are judged. No `import_id`: events of no import. Throws Error.
	JobRegistrar(Catalog const &catalog, std::optional<std::int64_t> import_id, TimestampTz now,
				 Lateness lateness = Lateness::judged);
	/// Of these campaigns alone, which nobody deletes until the end of the transaction, for events that are stored already.
	JobRegistrar(Catalog const &catalog, TriggeredCampaigns campaigns, TimestampTz now);

	/// Throws Error.
	void add(TriggeringEvent const &event);
	/// The batch's events, which have these ids, and contacts with such ids by slot. Throws Error.
	void add(Batch const &batch, std::span<std::int64_t const> ids, std::span<std::int64_t const> contact_ids);
	/// What add() would write, without writing.
	void count(TriggeringEvent const &event);
	void count(Batch const &batch);
	/// Calls `each(campaign, due_at)`, with the campaign's place, for each job of such an event that add() would schedule.
	template <class Each>
	void for_each_scheduled(std::string_view event_name, TimestampTz occurred_at, Each &&each) const
	{
		for (CampaignTrigger const *campaign : campaigns_of(event_name)) {
			TriggerDecision const decision = decide(occurred_at, *campaign);
			if (decision.verdict == TriggerVerdict::scheduled)
				each(campaign->place, decision.due_at_us);
		}
	}
	/// To be called once, last: writes what was held back, and has the worker woken when the transaction commits. Throws Error.
	void finish();

	std::int64_t scheduled() const { return scheduled_; }
	std::int64_t discarded() const { return overdue_ + of_future_; }
	std::int64_t overdue() const { return overdue_; }
	std::int64_t of_future() const { return of_future_; }
	/// What the events met so far are for each active campaign, by their ids: for those that met none, too.
	std::vector<CampaignCounts> const &counts() const { return counts_; }
	/// Whether an active campaign is for events of that name.
	bool has_campaign(std::string_view event_name) const { return !campaigns_of(event_name).empty(); }

private:
	JobRegistrar(Catalog const &catalog, TriggeredCampaigns campaigns, std::optional<std::int64_t> import_id,
				 TimestampTz now, Lateness lateness);
	std::vector<CampaignTrigger const *> const &campaigns_of(std::string_view event_name) const;
	TriggerDecision decide(TimestampTz occurred_at, CampaignTrigger const &campaign) const;
	TriggerDecision decide_and_count(TimestampTz occurred_at, CampaignTrigger const &campaign);
	void add_job(TriggeringEvent const &event, CampaignTrigger const &campaign);
	void flush();

	std::vector<CampaignCounts> counts_; ///< of each campaign
	std::vector<CampaignTrigger> campaigns_;
	/// Of a name that was met. There is none before the first one: an event's name is not empty.
	struct NamedCampaigns {
		std::string name;
		std::vector<CampaignTrigger const *> campaigns;
	};
	mutable std::array<NamedCampaigns, 64> known_names_; ///< by their hash; the last one that was met keeps the place
	std::unique_ptr<TableWriter> writer_;
	std::optional<std::int64_t> import_id_;
	TimestampTz now_;
	Lateness lateness_;
	Datum scheduled_text_, discarded_text_, future_text_, overdue_text_;
	Rows rows_;
	std::int64_t scheduled_ = 0;
	std::int64_t overdue_ = 0;
	std::int64_t of_future_ = 0;
	TimestampTz first_due_; ///< of those written to be decided
};

} // namespace vero::pg
