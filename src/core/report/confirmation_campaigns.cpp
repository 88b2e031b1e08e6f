// Puts into words what became of an import's mails.
#include "core/report/confirmation.hpp"
#include "core/text/text.hpp"
#include "core/text/visible_text.hpp"
#include "core/time/utc_time.hpp"

#include <algorithm>

namespace vero {
namespace {

constexpr std::size_t kShownCampaigns = 20;
constexpr std::size_t kMaxCampaignName = 80;

/// By Discard.
constexpr std::array<std::string_view, kDiscardNames.size()> kDiscardWords{
	"not happened yet",
	"overdue (further back than the campaign's delay and grace)",
	"the campaign is not active",
	"the contact is gone",
	"the event is gone",
	"the contact has unsubscribed",
	"the campaign's condition is not met",
	"the address was forgotten",
	"within the campaign's cooldown"};

/// `: 1,000 overdue, 234 future_event`
std::string list_discards(ImportOutcome const &outcome, std::string const &what_overdue_means)
{
	std::string words;
	if (outcome.jobs_overdue != 0) {
		words += ": " + group_digits(outcome.jobs_overdue) + " overdue" + what_overdue_means;
	}
	if (outcome.jobs_of_future != 0) {
		words += (words.empty() ? ": " : ", ") + group_digits(outcome.jobs_of_future) + " future_event";
	}
	return words;
}

/// `Due from 2022-01-31 13:05:06 UTC to 2022-02-01 13:05:06 UTC`
std::string describe_due_times(CampaignCounts const &counts)
{
	auto const first = format_utc(counts.first_due_us), last = format_utc(counts.last_due_us);
	return first == last ? "Due " + first : "Due from " + first + " to " + last;
}

/// `contacts would get it, 3.1 mails each`
std::string describe_contacts(CampaignCounts const &counts)
{
	auto const contacts = std::max<std::int64_t>(counts.contacts, 1);
	auto const tenths = (counts.scheduled() * 10 + contacts / 2) / contacts;
	return std::string(counts.contacts == 1 ? "contact would get it" : "contacts would get it") +
		   (tenths == 10 ? "" : ", " + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " mails each");
}

CampaignResult describe(CampaignCounts const &counts)
{
	CampaignResult result{to_visible(clip_printable(counts.name, kMaxCampaignName)), {}};
	auto const add = [&](std::string what, std::int64_t count) {
		if (count != 0) {
			result.counts.push_back({std::move(what), group_digits(count)});
		}
	};
	add("Due at once", counts.now);
	add(describe_due_times(counts), counts.later);
	for (std::size_t i = 0; i < kDiscardWords.size(); ++i) {
		add("No mail: " + std::string(kDiscardWords[i]), counts.discarded[i]);
	}
	add("Failed: the condition or the mail is an error", counts.failed);
	add(describe_contacts(counts), counts.contacts);
	return result;
}

/// All that its events came to.
std::int64_t jobs_of(CampaignCounts const &counts)
{
	std::int64_t jobs = counts.scheduled() + counts.failed;
	for (auto const count : counts.discarded) {
		jobs += count;
	}
	return jobs;
}

} // namespace

std::string explain_missing_mail(ImportOutcome const &outcome)
{
	if (!outcome.triggers_campaigns || outcome.jobs_scheduled != 0 || outcome.rows_imported == 0) {
		return "";
	}
	std::string const none = outcome.is_dry_run ? "No mail would be scheduled: " : "No mail was scheduled: ";
	if (outcome.jobs_discarded == 0) {
		return none + "no active campaign is for events of " +
			   (outcome.names_without_campaign.size() == 1 ? "this name." : "these names.");
	}
	return none +
		   (outcome.jobs_discarded == 1 ? "the only one was"
										: "all " + group_digits(outcome.jobs_discarded) + " were") +
		   " discarded" + list_discards(outcome, " (further back than a campaign's delay and grace)") + ".";
}

std::vector<ReportFact> describe_campaigns(ImportOutcome const &outcome)
{
	if (!outcome.triggers_campaigns) {
		return {{"Campaigns", "not triggered: no mail goes to contacts"}};
	}
	auto words = count_of(static_cast<std::uint64_t>(outcome.jobs_scheduled), "mail") +
				 (outcome.is_dry_run ? " would be scheduled, " : " scheduled, ") +
				 group_digits(outcome.jobs_discarded) + " discarded";
	words += list_discards(outcome, "");
	std::vector<ReportFact> facts{{"Campaigns", words}};
	if (auto const &names = outcome.names_without_campaign; !names.empty()) {
		bool const is_all = !outcome.reading || outcome.reading->are_all_names_counted;
		facts.push_back({"No campaign for", list_names(most_frequent(names, kToldNames), names.size(), is_all)});
	}
	return facts;
}

std::vector<CampaignResult> describe_each_campaign(ImportOutcome const &outcome)
{
	auto campaigns = outcome.campaigns;
	std::stable_sort(campaigns.begin(), campaigns.end(),
					 [](CampaignCounts const &a, CampaignCounts const &b) { return jobs_of(a) > jobs_of(b); });
	std::vector<CampaignResult> results;
	for (auto const &counts : campaigns) {
		if (results.size() < kShownCampaigns) {
			results.push_back(describe(counts));
		}
	}
	return results;
}

} // namespace vero
