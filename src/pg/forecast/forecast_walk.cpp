// Walks through the judged jobs of a forecast in the order of contact, campaign and time.
#include "pg/forecast/forecast_walk.hpp"

#include "pg/base/datum.hpp"
#include "pg/base/timestamp.hpp"
#include "pg/sql/statement.hpp"

namespace vero::pg {
namespace {

constexpr std::size_t kReadAtOnce = 2000; // entries
constexpr std::size_t kBusiest = 5;

constexpr Statement kJobs{
	R"(
	SELECT r.place, j.event_id, j.campaign_id, j.contact_id, j.occurred_at
	FROM unnest($1, $2) AS r (place, job)
	CROSS JOIN LATERAL (
		SELECT t.event_id, t.campaign_id, t.contact_id, t.occurred_at
		FROM vero.trigger_jobs AS t
		WHERE t.ctid = r.job AND t.state = 'scheduled' AND t.message_id IS NULL
		OFFSET 0) AS j)",
	{INT4ARRAYOID, TIDARRAYOID},
	{{"place", INT4OID},
	 {"event_id", INT8OID},
	 {"campaign_id", INT8OID},
	 {"contact_id", INT8OID},
	 {"occurred_at", TIMESTAMPTZOID}}};

constexpr Statement kAddresses{
	R"(
	SELECT c.id, c.email
	FROM vero.contacts AS c
	WHERE c.id = ANY ($1))",
	{INT8ARRAYOID},
	{{"id", INT8OID}, {"email", TEXTOID}}};

bool is_same_group(ForecastEntry const &one, ForecastEntry const &other)
{
	return one.key[0] == other.key[0] && one.key[1] == other.key[1];
}

/// A job that was decided meanwhile gets no mail now.
constexpr std::uint16_t kDecided = kScheduled | (static_cast<std::uint16_t>(Discard::event_deleted) + 1);

} // namespace

ForecastWalk::ForecastWalk(Catalog const &catalog, TimestampTz now, JobOrder order,
						   std::span<std::optional<ForecastCampaign> const> campaigns,
						   std::vector<CampaignCounts> &counts)
	: catalog_(catalog), now_(now), order_(order), campaigns_(campaigns), counts_(counts), busiest_(counts.size())
{
	for (CampaignCounts &campaign : counts_)
		campaign.now = campaign.later = campaign.first_due_us = campaign.last_due_us = 0;
}

/// The next one that counts.
std::optional<ForecastEntry> ForecastWalk::read(SortedEntries &entries)
{
	while (ForecastEntry const *next = entries.peek()) {
		ForecastEntry entry = *next;
		entries.next();
		if ((entry.nulls & (kUncertain | kConfirmation)) == 0)
			return entry;
		// a job and its confirmation differ in nothing else, and stand in any order
		ForecastEntry const *other = entries.peek();
		if (other == nullptr || other->key != entry.key || order_of(*other) != order_of(entry))
			continue;
		entry.nulls = (entry.nulls | other->nulls) & kVerdict;
		entries.next();
		return entry;
	}
	return std::nullopt;
}

bool ForecastWalk::read_window(SortedEntries &entries)
{
	window_.clear();
	while (window_.size() < kReadAtOnce) {
		std::optional<ForecastEntry> entry = read(entries);
		if (!entry)
			break;
		window_.push_back(*entry);
	}
	return !window_.empty();
}

bool ForecastWalk::is_current(ForecastEntry const &entry) const
{
	return has_group_ && contact_of(entry) == contact_id_ && campaign_of(entry) == campaign_;
}

void ForecastWalk::find_groups()
{
	groups_.clear();
	for (std::size_t i = 0; i < window_.size(); i++) {
		if (i == 0 || !is_same_group(window_[i], window_[i - 1]))
			groups_.push_back({i, i, false, std::nullopt});
		groups_.back().end = i + 1;
		groups_.back().is_needed = groups_.back().is_needed || (window_[i].nulls & (kScheduled | kVerdict)) == 0;
	}
	groups_.back().is_needed = true; // it may go on behind the window
}

std::int64_t ForecastWalk::cooldown_of(ForecastEntry const &entry) const
{
	return campaigns_[campaign_of(entry)]->campaign.cooldown_us;
}

void ForecastWalk::find_last_mails()
{
	std::vector<AskedMail> asked;
	std::vector<Group *> asking;
	for (Group &group : groups_) {
		ForecastEntry const &first = window_[group.begin];
		if (!group.is_needed || is_current(first) || contact_of(first) < 0 || cooldown_of(first) == 0)
			continue;
		asked.push_back({counts_[campaign_of(first)].campaign_id, contact_of(first), now_ - cooldown_of(first)});
		asking.push_back(&group);
	}
	if (asked.empty())
		return;
	SpiConnection spi;
	std::vector<std::optional<TimestampTz>> const found = find_last_mail(catalog_, asked);
	for (std::size_t i = 0; i < asking.size(); i++)
		asking[i]->last_mail = found[i] ? std::optional(std::clamp(*found[i], MIN_TIMESTAMP, now_)) : std::nullopt;
}

/// As the worker does, with what is known now.
void ForecastWalk::judge_scheduled()
{
	std::vector<std::size_t> places;
	for (Group const &group : groups_) {
		for (std::size_t i = group.begin; i < group.end; i++) {
			if ((window_[i].nulls & kScheduled) == 0)
				continue;
			window_[i].nulls = kDecided;
			if (group.is_needed)
				places.push_back(i);
		}
	}
	if (!places.empty())
		judge_scheduled(places);
}

void ForecastWalk::judge_scheduled(std::vector<std::size_t> const &places)
{
	SpiConnection spi;
	auto rows = call([&] {
		return run_as_owner<kJobs>(
			catalog_, {int4_array(places.size(), [&](std::size_t i) { return static_cast<std::int32_t>(places[i]); }),
					   make_array(places.size(), kTid, [&](std::size_t i) -> std::optional<Datum> {
						   return PointerGetDatum(&window_[places[i]].place);
					   })});
	});
	std::vector<DueJob> jobs(rows.count());
	std::vector<std::size_t> at(jobs.size());
	std::vector<DueJob *> pointers;
	for (std::size_t i = 0; i < jobs.size(); i++) {
		call([&] {
			at[i] = static_cast<std::size_t>(rows[i].int4("place"));
			jobs[i].event_id = rows[i].int8("event_id");
			jobs[i].campaign_id = rows[i].int8("campaign_id");
			jobs[i].contact_id = rows[i].int8("contact_id");
			jobs[i].occurred_at = rows[i].timestamptz("occurred_at");
		});
		pointers.push_back(&jobs[i]);
	}
	for (std::size_t done = 0; done < jobs.size();) {
		check_for_interrupts();
		SpiConnection portion; // what it takes goes with it
		std::span<DueJob> some = std::span(jobs).subspan(done);
		some = some.first(read_details(catalog_, std::span(pointers).subspan(done)));
		int number_exceeded = 0;
		some = some.first(judge_conditions(some, number_exceeded));
		std::vector<JobOutcome> outcomes;
		for (std::size_t i = 0; i < some.size(); i++) {
			outcomes.push_back(judge_job(some[i], campaigns_[campaign_of(window_[at[done + i]])]->campaign));
			if (outcomes.back().mail)
				outcomes.back().mail.emplace();
		}
		apply_suppressions(catalog_, some, outcomes);
		for (std::size_t i = 0; i < some.size(); i++) {
			ForecastEntry &entry = window_[at[done + i]];
			entry.nulls = kScheduled | mark_of(outcomes[i]);
			set_order(entry, order_ == JobOrder::of_events ? order_of_event(some[i].event_id) : 0);
		}
		done += some.size();
	}
}

/// Else it gets the mail. Scheduled jobs come before the others that count from the same time, but these may have earlier events.
bool ForecastWalk::is_cooling_down(ForecastEntry const &entry)
{
	TimestampTz const counts_from = counts_from_of(entry);
	bool const is_scheduled = (entry.nulls & kScheduled) != 0;
	bool const is_tie = scheduled_ && scheduled_->counts_from == counts_from;
	bool const is_before = is_tie && order_of(entry) < scheduled_->order;
	bool const is_too_near = last_mail_ && is_within_cooldown(*last_mail_, counts_from, cooldown_of(entry));
	if (is_too_near && !is_before)
		return true;
	// the worker is late for it: the latest mail stays the one that later jobs have to keep away from
	if (!is_too_near && last_mail_ && counts_from < *last_mail_)
		return false;
	last_mail_ = counts_from;
	scheduled_ = is_scheduled ? std::optional(Scheduled{counts_from, order_of(entry)}) : std::nullopt;
	return false;
}

void ForecastWalk::count(ForecastEntry const &entry)
{
	auto verdict = static_cast<std::uint16_t>(entry.nulls & kVerdict);
	if (verdict == 0 && cooldown_of(entry) > 0 && is_cooling_down(entry))
		verdict = mark_of(Discard::cooldown);
	if ((entry.nulls & kScheduled) != 0)
		return;
	CampaignCounts &counts = counts_[campaign_];
	if (verdict == kFailed) {
		counts.failed++;
	} else if (verdict != 0) {
		counts.discarded[verdict - 1U]++;
	} else {
		first_order_ = mails_ == 0 ? order_of(entry) : std::min(first_order_, order_of(entry));
		mails_++;
		if (TimestampTz const at = counts_from_of(entry); at <= now_) {
			counts.add_now();
		} else {
			counts.add_later(to_unix_us(at));
		}
	}
}

void ForecastWalk::walk(Group const &group)
{
	ForecastEntry const &first = window_[group.begin];
	if (!is_current(first)) {
		end_group();
		has_group_ = true;
		contact_id_ = contact_of(first);
		campaign_ = campaign_of(first);
		last_mail_ = group.last_mail;
		scheduled_.reset();
	}
	for (std::size_t i = group.begin; i < group.end; i++)
		count(window_[i]);
}

void ForecastWalk::end_group()
{
	if (mails_ > 0) {
		counts_[campaign_].contacts++;
		std::vector<Busy> &busiest = busiest_[campaign_];
		busiest.push_back({contact_id_, mails_, first_order_});
		std::sort(busiest.begin(), busiest.end(), [](Busy const &a, Busy const &b) {
			return a.mails != b.mails ? a.mails > b.mails : a.order < b.order;
		});
		busiest.resize(std::min(busiest.size(), kBusiest));
	}
	has_group_ = false;
	mails_ = 0;
}

void ForecastWalk::tell_busiest()
{
	std::vector<std::int64_t> ids;
	for (std::vector<Busy> const &busiest : busiest_) {
		for (Busy const &busy : busiest) {
			if (busy.contact_id >= 0)
				ids.push_back(busy.contact_id);
		}
	}
	std::unordered_map<std::int64_t, std::string> emails;
	SpiConnection spi;
	auto rows = call([&] {
		return run_as_owner<kAddresses>(catalog_, {int8_array(ids.size(), [&](std::size_t i) { return ids[i]; })});
	});
	for (std::size_t i = 0; i < rows.count(); i++)
		emails[call([&] { return rows[i].int8("id"); })] = rows[i].string("email");
	for (std::size_t place = 0; place < counts_.size(); place++) {
		for (Busy const &busy : busiest_[place])
			counts_[place].busiest.push_back({busy.contact_id, emails[busy.contact_id], busy.mails});
	}
}

void ForecastWalk::run(SortedEntries &entries)
{
	while (read_window(entries)) {
		check_for_interrupts();
		find_groups();
		find_last_mails();
		judge_scheduled();
		for (Group const &group : groups_)
			walk(group);
	}
	end_group();
	tell_busiest();
}

} // namespace vero::pg
