// The functions that SQL calls.
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/entry/reading_arguments.hpp"
#include "pg/import/import.hpp"
#include "pg/import/rejected_rows.hpp"
#include "pg/import/retry_rejects.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

// Of vero.import_outcome.
constexpr std::array<Oid, 11> kSummaryTypes{INT8OID, TEXTOID, INT8OID, INT8OID, INT8OID,	INT8OID,
											INT8OID, INT8OID, INT8OID, TEXTOID, INTERVALOID};

/// The arguments of import_events_csv(), by their places.
enum Argument {
	kSource,
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
	kRejectLimit,
	kAllowRepeat,
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

ImportOptions options_argument(FunctionCallInfo fcinfo)
{
	GivenOptions given;
	given.trigger_campaigns = boolean_argument(fcinfo, kTriggerCampaigns);
	read_reading_arguments(fcinfo, kColumns, kDelimiter, given);
	given.reject_limit = text_argument(fcinfo, kRejectLimit);
	given.allow_repeat = boolean_argument(fcinfo, kAllowRepeat);
	given.dry_run = boolean_argument(fcinfo, kDryRun);
	given.profile = text_argument(fcinfo, kProfile);
	given.label = text_argument(fcinfo, kLabel);
	given.notify = array_argument(fcinfo, kNotify);
	if (!PG_ARGISNULL(kParentImport))
		given.parent_import = PG_GETARG_INT64(kParentImport);
	return check_options(given);
}

Datum summary_row(FunctionCallInfo fcinfo, ImportOutcome const &outcome)
{
	return call([&] {
		auto *elapsed = static_cast<Interval *>(palloc0(sizeof(Interval)));
		elapsed->time = outcome.finished_at_us - outcome.started_at_us;
		Datum values[] = {Int64GetDatum(outcome.import_id),
						  text_datum(outcome.state_name()),
						  Int64GetDatum(outcome.rows_read),
						  Int64GetDatum(outcome.rows_imported),
						  Int64GetDatum(outcome.rows_rejected),
						  Int64GetDatum(outcome.rows_duplicate),
						  Int64GetDatum(outcome.contacts_created),
						  Int64GetDatum(outcome.jobs_scheduled),
						  Int64GetDatum(outcome.jobs_discarded),
						  text_datum(outcome.error),
						  IntervalPGetDatum(elapsed)};
		bool nulls[std::size(values)] = {};
		nulls[9] = outcome.state != ImportState::failed;
		return result_row(fcinfo, kSummaryTypes, values, nulls);
	});
}

} // namespace
} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_import_file)
{
	return enter([&] {
		require_argument(fcinfo, kSource, "path");
		check_import_allowed("import_events_csv()");
		ImportOptions options = options_argument(fcinfo);
		FileSource source(*text_argument(fcinfo, kSource));
		return summary_row(fcinfo, import_events(source, options));
	});
}

VERO_FUNCTION(vero_import_content)
{
	return enter([&] {
		require_argument(fcinfo, kSource, "content");
		check_import_allowed("import_events_csv()");
		ImportOptions options = options_argument(fcinfo);
		Datum content = PG_GETARG_DATUM(kSource);
		bytea *bytes = call([content] { return DatumGetByteaPP(content); });
		BytesSource source({VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes)});
		return summary_row(fcinfo, import_events(source, options));
	});
}

VERO_FUNCTION(vero_retry_rejects)
{
	return enter([&] {
		check_import_allowed("vero.retry_rejects()");
		return summary_row(fcinfo, retry_rejects(PG_GETARG_INT64(0), PG_GETARG_BOOL(1)));
	});
}

VERO_FUNCTION(vero_last_import_id)
{
	std::optional<std::int64_t> id = last_import_id();
	if (!id)
		PG_RETURN_NULL();
	PG_RETURN_INT64(*id);
}

VERO_FUNCTION(vero_rejected_csv)
{
	return enter([&] {
		std::string csv = export_rejects(PG_GETARG_INT64(0));
		return call([&] { return text_datum(csv); });
	});
}
