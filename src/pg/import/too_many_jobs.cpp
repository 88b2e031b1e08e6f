// Whether a file fails as a whole for the mail that it would make go out.
#include "pg/import/too_many_jobs.hpp"

#include "core/text/text.hpp"
#include "core/text/visible_text.hpp"
#include "core/time/utc_time.hpp"
#include "pg/base/settings.hpp"

namespace vero::pg {
namespace {

constexpr std::size_t kCampaignsInDetail = 10;

std::string mails(std::int64_t count)
{
	return group_digits(count) + (count == 1 ? " mail" : " mails");
}

/// "to 20 contacts: 3.1 mails a contact".
std::string describe_contacts(CampaignCounts const &campaign)
{
	return " to " + group_digits(campaign.contacts) + (campaign.contacts == 1 ? " contact: " : " contacts: ") +
		   mails_per_contact(campaign);
}

std::string describe_campaign(CampaignCounts const &campaign)
{
	std::string words = to_visible(clip(to_printable(campaign.name), kShownReasonLength)) + ": " + mails(campaign.now) +
						" now, " + group_digits(campaign.later) + " later";
	if (campaign.later > 0)
		words += ", from " + format_utc(campaign.first_due_us) + " to " + format_utc(campaign.last_due_us);
	if (campaign.contacts > 0)
		words += "," + describe_contacts(campaign);
	for (std::size_t i = 0; i < kDiscardNames.size(); i++) {
		if (campaign.discarded[i] > 0)
			words += "; " + group_digits(campaign.discarded[i]) + " discarded: " + std::string(kDiscardNames[i]);
	}
	if (campaign.failed > 0)
		words += "; " + group_digits(campaign.failed) + " failed";
	return words;
}

/// What would let so many be scheduled. `is_own`: it is the import's own option that forbids it.
std::string advise(bool is_own, std::int64_t scheduled)
{
	if (!is_own)
		return "Superusers can raise the setting.";
	std::optional<std::int64_t> const of_all = max_jobs_per_import();
	if (!of_all || scheduled <= *of_all)
		return "Raise max_jobs if that is what you want.";
	return "Raise max_jobs if that is what you want; superusers can raise vero_events.max_jobs_per_import, which is " +
		   group_digits(*of_all) + ", too.";
}

} // namespace

std::string describe_jobs(std::span<CampaignCounts const> campaigns, std::string_view separator)
{
	std::vector<CampaignCounts const *> shown;
	for (CampaignCounts const &campaign : campaigns) {
		if (campaign.has_events())
			shown.push_back(&campaign);
	}
	std::stable_sort(shown.begin(), shown.end(),
					 [](CampaignCounts const *a, CampaignCounts const *b) { return a->scheduled() > b->scheduled(); });
	std::string words;
	for (CampaignCounts const *campaign : std::span(shown).first(std::min(shown.size(), kCampaignsInDetail)))
		words += std::string(words.empty() ? "" : separator) + describe_campaign(*campaign);
	if (shown.size() > kCampaignsInDetail) {
		words +=
			std::string(separator) + "and " + std::to_string(shown.size() - kCampaignsInDetail) + " more campaigns";
	}
	return words;
}

std::string mails_per_contact(CampaignCounts const &campaign)
{
	std::int64_t const tenths = (campaign.scheduled() * 10 + campaign.contacts / 2) / campaign.contacts;
	return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " mails a contact";
}

std::optional<std::int64_t> most_jobs(ImportOptions const &options)
{
	std::optional<std::int64_t> most = options.max_jobs;
	if (std::optional<std::int64_t> of_all = max_jobs_per_import(); of_all && (!most || *of_all < *most))
		most = of_all;
	return most;
}

std::optional<FileFailure> judge_jobs(RecordImport const &import, std::span<CampaignCounts const> campaigns,
									  std::int64_t scheduled, bool is_whole)
{
	std::optional<std::int64_t> const most = most_jobs(import.options);
	if (!most || scheduled <= *most)
		return std::nullopt;
	bool const is_own = import.options.max_jobs == most;
	FileFailure failure{
		"too many mails would be scheduled: " + group_digits(scheduled) + " by " + (is_whole ? "" : "the first ") +
			group_digits(import.outcome.rows_read) + (import.outcome.rows_read == 1 ? " record" : " records") +
			", and " + (is_own ? "max_jobs" : "vero_events.max_jobs_per_import") + " is " + group_digits(*most),
		(import.outcome.is_dry_run ? "" : "A dry run says what would become of them. ") + advise(is_own, scheduled)};
	if (import.options.on_failure == OnFailure::report) { // what is kept of it has no detail
		failure.message += " (" + describe_jobs(campaigns, " | ") + ")";
	} else {
		failure.detail = describe_jobs(campaigns, "\n");
	}
	return failure;
}

} // namespace vero::pg
