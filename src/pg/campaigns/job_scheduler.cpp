// Gives an import's events the jobs of the campaigns that they trigger.
#include "pg/campaigns/job_scheduler.hpp"

#include "core/text/name_folding.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/timestamp.hpp"
#include "pg/slots/wakeup.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

// The intervals have no months: an epoch of theirs is exact.
constexpr Statement kFind{
	R"(
	SELECT c.id, c.name, c.event_name, (extract(epoch FROM c.delay) * 1000000)::int8 AS delay_us,
		(extract(epoch FROM c.grace) * 1000000)::int8 AS grace_us
	FROM vero.campaigns AS c
	WHERE c.active = $1
	ORDER BY c.id
	FOR KEY SHARE)",
	{BOOLOID},
	{{"id", INT8OID}, {"name", TEXTOID}, {"event_name", TEXTOID}, {"delay_us", INT8OID}, {"grace_us", INT8OID}}};

constexpr std::int64_t kMaxDelay_us = 365 * USECS_PER_DAY;

// Campaigns and imports are locked, the values are add_job()'s, the worker is woken by finish().
constexpr std::array<char const *, 11> kColumns{"event_id",	  "campaign_id", "contact_id",	 "occurred_at",
												"import_id",  "due_at",		 "state",		 "reason",
												"decided_at", "attempts",	 "registered_at"};

constexpr std::size_t kRowsAtOnce = 10'000;	 // many campaigns may have one name
constexpr std::size_t kMaxSpooled = 125'000; // 6 MB for all indexes, with what they had before
constexpr std::size_t kAhead = 16; // events: their names and contacts have left the cache since they were written

Datum kept_text(std::string_view text)
{
	return call([text] { return text_datum(text); });
}

/// All active campaigns, read as the owner and locked against deletion until the end of the transaction, so that jobs may refer to
/// them unchecked.
TriggeredCampaigns find_active_campaigns(Catalog const &catalog)
{
	auto rows = call([&] { return run_kept_as_owner<kFind>(catalog, {true}); });
	TriggeredCampaigns campaigns;
	for (std::size_t i = 0; i < rows.count(); i++) {
		auto row = rows[i];
		std::int64_t id, delay_us, grace_us;
		std::string_view event_name = call([&] {
			id = row.int8("id");
			delay_us = row.int8("delay_us");
			grace_us = row.int8("grace_us");
			return row.text("event_name").value_or("");
		});
		campaigns.add(id, row.string("name"), event_name, {delay_us, grace_us});
	}
	return campaigns;
}

TargetTable target(Catalog const &catalog)
{
	return {kOwnTriggerJobs, catalog.trigger_jobs, kColumns, kMaxSpooled, catalog.owner};
}

} // namespace

void TriggeredCampaigns::add(std::int64_t id, std::string name, std::string_view event_name, TriggerTiming timing)
{
	if (timing.delay_us < 0 || timing.delay_us > kMaxDelay_us) {
		throw Report{ERRCODE_CHECK_VIOLATION,
					 "the delay of campaign " + std::to_string(id) + " is not one of 0 to 365 days", "", ""};
	}
	triggers.push_back({id, fold_name(event_name), timing, counts.size()});
	counts.emplace_back().campaign_id = id;
	counts.back().name = std::move(name);
}

bool JobRegistrar::runs_no_statement(Catalog const &catalog)
{
	return takes_rows_in_bulk(target(catalog));
}

JobRegistrar::JobRegistrar(Catalog const &catalog, std::optional<std::int64_t> import_id, TimestampTz now,
						   Lateness lateness)
	: JobRegistrar(catalog, find_active_campaigns(catalog), import_id, now, lateness)
{
}

JobRegistrar::JobRegistrar(Catalog const &catalog, TriggeredCampaigns campaigns, TimestampTz now)
	: JobRegistrar(catalog, std::move(campaigns), std::nullopt, now, Lateness::judged)
{
}

JobRegistrar::JobRegistrar(Catalog const &catalog, TriggeredCampaigns campaigns, std::optional<std::int64_t> import_id,
						   TimestampTz now, Lateness lateness)
	: counts_(std::move(campaigns.counts)), campaigns_(std::move(campaigns.triggers)),
	  writer_(open_table_writer(target(catalog))), import_id_(import_id), now_(now), lateness_(lateness),
	  scheduled_text_(kept_text("scheduled")), discarded_text_(kept_text("discarded")),
	  future_text_(kept_text("future_event")), overdue_text_(kept_text("overdue")), first_due_(DT_NOEND)
{
}

/// Names repeat: the campaigns of one that was met lately are at hand.
std::vector<CampaignTrigger const *> const &JobRegistrar::campaigns_of(std::string_view event_name) const
{
	auto &[name, named] = known_names_[std::hash<std::string_view>()(event_name) % known_names_.size()];
	if (event_name == name)
		return named;
	name = event_name;
	named.clear();
	std::string folded = fold_name(event_name);
	for (CampaignTrigger const &campaign : campaigns_) {
		if (campaign.folded_event_name == folded)
			named.push_back(&campaign);
	}
	return named;
}

void JobRegistrar::add(TriggeringEvent const &event)
{
	for (CampaignTrigger const *campaign : campaigns_of(event.name))
		add_job(event, *campaign);
	if (rows_.count >= kRowsAtOnce)
		flush();
}

void JobRegistrar::add(Batch const &batch, std::span<std::int64_t const> ids, std::span<std::int64_t const> contact_ids)
{
	for (std::size_t i = 0; i < ids.size(); i++) {
		if (i + kAhead < ids.size()) {
			__builtin_prefetch(batch.events[i + kAhead].name.start);
			__builtin_prefetch(&contact_ids[batch.events[i + kAhead].contact]);
		}
		Event const &event = batch.events[i];
		add({ids[i], contact_ids[event.contact], to_timestamptz(event.occurred_at_us), event.name.view(), import_id_});
	}
}

void JobRegistrar::count(TriggeringEvent const &event)
{
	for (CampaignTrigger const *campaign : campaigns_of(event.name))
		(void)decide_and_count(event.occurred_at, *campaign);
}

void JobRegistrar::count(Batch const &batch)
{
	for (Event const &event : batch.events) {
		for (CampaignTrigger const *campaign : campaigns_of(event.name.view()))
			(void)decide_and_count(to_timestamptz(event.occurred_at_us), *campaign);
	}
}

/// What becomes of the campaign for an event of that time.
TriggerDecision JobRegistrar::decide(TimestampTz occurred_at, CampaignTrigger const &campaign) const
{
	TriggerDecision decision = decide_trigger(occurred_at, campaign.timing, now_);
	if (decision.verdict == TriggerVerdict::overdue && lateness_ == Lateness::none)
		decision.verdict = TriggerVerdict::scheduled;
	return decision;
}

TriggerDecision JobRegistrar::decide_and_count(TimestampTz occurred_at, CampaignTrigger const &campaign)
{
	TriggerDecision decision = decide(occurred_at, campaign);
	CampaignCounts &counts = counts_[campaign.place];
	switch (decision.verdict) {
	case TriggerVerdict::scheduled:
		scheduled_++;
		if (decision.due_at_us <= now_) {
			counts.add_now();
		} else {
			counts.add_later(to_unix_us(decision.due_at_us));
		}
		break;
	case TriggerVerdict::overdue:
		overdue_++;
		counts.of(Discard::overdue)++;
		break;
	case TriggerVerdict::future_event:
		of_future_++;
		counts.of(Discard::future_event)++;
		break;
	}
	return decision;
}

void JobRegistrar::add_job(TriggeringEvent const &event, CampaignTrigger const &campaign)
{
	TriggerDecision decision = decide_and_count(event.occurred_at, campaign);
	bool is_scheduled = decision.verdict == TriggerVerdict::scheduled;
	if (is_scheduled)
		first_due_ = std::min(first_due_, decision.due_at_us);
	Datum reason = decision.verdict == TriggerVerdict::overdue ? overdue_text_ : future_text_;
	bool const is_late = is_scheduled && decision.due_at_us < now_;
	char no_import = event.import_id ? ' ' : 'n', no_reason = is_scheduled ? 'n' : ' ';
	// in the order of kColumns
	std::array<Datum, kColumns.size()> values{
		Int64GetDatum(event.id),
		Int64GetDatum(campaign.campaign_id),
		Int64GetDatum(event.contact_id),
		TimestampTzGetDatum(event.occurred_at),
		Int64GetDatum(event.import_id.value_or(0)),
		TimestampTzGetDatum(decision.due_at_us),
		is_scheduled ? scheduled_text_ : discarded_text_,
		is_scheduled ? 0 : reason,
		is_scheduled ? 0 : TimestampTzGetDatum(now_),
		Int32GetDatum(0),
		TimestampTzGetDatum(now_),
	};
	std::array<char, kColumns.size()> nulls{' ', ' ',		' ',	   ' ', no_import,			' ',
											' ', no_reason, no_reason, ' ', is_late ? ' ' : 'n'};
	rows_.add(values, nulls);
}

void JobRegistrar::flush()
{
	if (writer_->write(rows_) != rows_.count)
		throw Report{ERRCODE_INTERNAL_ERROR, "jobs were kept out of vero.trigger_jobs", "", ""};
	rows_.clear();
}

void JobRegistrar::finish()
{
	flush();
	writer_->finish();
	if (first_due_ != DT_NOEND)
		wake_worker_at_commit(first_due_);
}

} // namespace vero::pg
