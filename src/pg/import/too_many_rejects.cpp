// Whether a file fails as a whole for its rejects.
#include "pg/import/too_many_rejects.hpp"

#include "core/text/text.hpp"
#include "core/text/visible_text.hpp"

namespace vero::pg {
namespace {

constexpr std::size_t kRejectsInDetail = 3;

/// "Line 3: ..." for the first of them.
std::string describe_first_rejects(std::vector<ShownReject> const &rejects)
{
	std::string words;
	for (ShownReject const &reject : std::span(rejects).first(std::min(rejects.size(), kRejectsInDetail))) {
		words += (words.empty() ? "" : "\n") + std::string("Line ") + std::to_string(reject.line_number) + ": " +
				 to_visible(clip(to_printable(reject.reason), kShownReasonLength));
	}
	return words;
}

FileFailure too_many_rejects(RecordImport const &import, bool is_whole)
{
	ImportOutcome const &outcome = import.outcome;
	FileFailure failure{
		"too many records were rejected: " + group_digits(outcome.rows_rejected) + " of " +
			(is_whole ? "" : "the first ") + group_digits(outcome.rows_read) + ", and reject_limit is " +
			import.options.reject_limit->words(),
		"Correct them, or raise reject_limit. Without it an import leaves them out, and imports all others."};
	failure.detail = describe_first_rejects(import.journal.entry().outcome.first_rejects);
	return failure;
}

} // namespace

bool is_limit_passed(RecordImport const &import)
{
	ImportOutcome const &outcome = import.outcome;
	return import.options.reject_limit && outcome.rows_read >= RejectLimit::kFirstLook &&
		   import.options.reject_limit->is_passed(outcome.rows_read, outcome.rows_rejected);
}

std::optional<FileFailure> judge_rejects(RecordImport const &import, bool is_whole)
{
	std::optional<RejectLimit> const &limit = import.options.reject_limit;
	if (!limit || !limit->is_passed(import.outcome.rows_read, import.outcome.rows_rejected))
		return std::nullopt;
	return too_many_rejects(import, is_whole);
}

} // namespace vero::pg
