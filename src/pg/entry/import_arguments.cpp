// The arguments of import_events_csv() and vero.import_files(), and the words about what came of an import.
#include "pg/entry/import_arguments.hpp"

#include "pg/base/datum.hpp"
#include "pg/entry/reading_arguments.hpp"
#include "pg/files/file_pattern.hpp"

namespace vero::pg {
namespace {

/// The arguments of import_events_csv(), by their places.
enum Argument {
	kSource = kSourceArgument,
	kTriggerCampaigns,
	kColumns,
	kEventName,
	kTimeZone,
	kTimeFormats,
	kPropertyTypes,
	kDecimalMark,
	kSkipLines,
	kNullPadding,
	kCompression,
	kOnDuplicate,
	kOnSuppressed,
	kRejectLimit,
	kAllowRepeat,
	kMaxJobs,
	kDryRun,
	kProfile,
	kLabel,
	kNotify,
	kParentImport,
	kDelimiter,
	kQuote,
	kEscape,
	kNullString,
	kEncoding
};

} // namespace

ImportOptions options_argument(FunctionCallInfo fcinfo)
{
	GivenOptions given;
	given.trigger_campaigns = boolean_argument(fcinfo, kTriggerCampaigns);
	read_reading_arguments(fcinfo, kColumns, kDelimiter, given);
	given.on_duplicate = text_argument(fcinfo, kOnDuplicate);
	given.on_suppressed = text_argument(fcinfo, kOnSuppressed);
	given.reject_limit = text_argument(fcinfo, kRejectLimit);
	given.allow_repeat = boolean_argument(fcinfo, kAllowRepeat);
	if (!PG_ARGISNULL(kMaxJobs))
		given.max_jobs = PG_GETARG_INT64(kMaxJobs);
	given.dry_run = boolean_argument(fcinfo, kDryRun);
	given.profile = text_argument(fcinfo, kProfile);
	given.label = text_argument(fcinfo, kLabel);
	given.notify = array_argument(fcinfo, kNotify);
	if (!PG_ARGISNULL(kParentImport))
		given.parent_import = PG_GETARG_INT64(kParentImport);
	return check_options(given);
}

std::vector<std::string> path_argument(FunctionCallInfo fcinfo)
{
	return find_files({*text_argument(fcinfo, kSource)});
}

std::vector<std::string> paths_argument(FunctionCallInfo fcinfo)
{
	std::vector<std::string> const paths = array_texts(PG_GETARG_DATUM(kSource), kMaxFiles);
	if (paths.empty())
		throw Report{ERRCODE_INVALID_PARAMETER_VALUE, "\"paths\" names no file", "", ""};
	return find_files(paths);
}

std::string describe_counts(ImportOutcome const &outcome)
{
	std::string words = (outcome.is_dry_run ? "dry run, import " : "import ") + std::to_string(outcome.import_id) +
						": " + std::to_string(outcome.rows_read) + (outcome.rows_read == 1 ? " record" : " records") +
						" read, " + std::to_string(outcome.rows_imported) +
						(outcome.is_dry_run ? " good, " : " imported, ") + std::to_string(outcome.rows_rejected) +
						" rejected";
	if (outcome.rows_duplicate > 0)
		words += ", " + std::to_string(outcome.rows_duplicate) + " duplicate";
	return words;
}

} // namespace vero::pg
