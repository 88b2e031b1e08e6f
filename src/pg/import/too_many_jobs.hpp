// Whether a file fails as a whole for the mail that it would make go out.
#pragma once

#include "pg/import/import_records.hpp"

namespace vero::pg {

/// How many jobs the import may schedule, by its option or by the setting, whichever is less; none: as many as it has.
std::optional<std::int64_t> most_jobs(ImportOptions const &options);

/// Why it fails; nothing where it does not. `campaigns` are what was counted, in all of the file or not.
std::optional<FileFailure> judge_jobs(RecordImport const &import, std::span<CampaignCounts const> campaigns,
									  std::int64_t scheduled, bool is_whole);

/// What becomes of their events, campaign by campaign, those with the most mail first.
std::string describe_jobs(std::span<CampaignCounts const> campaigns, std::string_view separator);

/// "3.1 mails a contact", of a campaign that has some.
std::string mails_per_contact(CampaignCounts const &campaign);

} // namespace vero::pg
