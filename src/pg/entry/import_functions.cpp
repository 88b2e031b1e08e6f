// The functions that SQL calls.
#include "pg/base/arguments.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/entry/import_arguments.hpp"
#include "pg/entry/reading_arguments.hpp"
#include "pg/import/import.hpp"
#include "pg/import/rejected_rows.hpp"
#include "pg/import/retry_rejects.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"
}

namespace vero::pg {
namespace {

// Of vero.import_outcome.
constexpr std::array<Oid, 11> kSummaryTypes{INT8OID, TEXTOID, INT8OID, INT8OID, INT8OID,	INT8OID,
											INT8OID, INT8OID, INT8OID, TEXTOID, INTERVALOID};

/// A row of vero.import_summary.
struct SummaryRow {
	Datum values[kSummaryTypes.size()];
	bool nulls[kSummaryTypes.size()];
};

/// To be called in call().
SummaryRow form_summary(ImportOutcome const &outcome)
{
	auto *elapsed = static_cast<Interval *>(palloc0(sizeof(Interval)));
	elapsed->time = outcome.finished_at_us - outcome.started_at_us;
	SummaryRow row{{Int64GetDatum(outcome.import_id), text_datum(outcome.state_name()),
					Int64GetDatum(outcome.rows_read), Int64GetDatum(outcome.rows_imported),
					Int64GetDatum(outcome.rows_rejected), Int64GetDatum(outcome.rows_duplicate),
					Int64GetDatum(outcome.contacts_created), Int64GetDatum(outcome.jobs_scheduled),
					Int64GetDatum(outcome.jobs_discarded), text_datum(outcome.error), IntervalPGetDatum(elapsed)},
				   {}};
	row.nulls[9] = outcome.state != ImportState::failed;
	return row;
}

Datum summary_row(FunctionCallInfo fcinfo, ImportOutcome const &outcome)
{
	return call([&] {
		SummaryRow row = form_summary(outcome);
		return result_row(fcinfo, kSummaryTypes, row.values, row.nulls);
	});
}

/// File after file, in one transaction.
Datum import_each(FunctionCallInfo fcinfo, char const *argument,
				  std::vector<std::string> (*files_argument)(FunctionCallInfo))
{
	require_argument(fcinfo, kSourceArgument, argument);
	check_import_allowed("import_events_csv()");
	ImportOptions const options = options_argument(fcinfo);
	std::vector<std::string> const files = files_argument(fcinfo);
	auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
	call([&] {
		InitMaterializedSRF(fcinfo, 0);
		check_row_type(result->setDesc, kSummaryTypes);
	});
	for (std::string const &file : files) {
		check_for_interrupts();
		FileSource source(file);
		ImportOutcome const outcome = import_events(source, options);
		call([&] {
			SummaryRow row = form_summary(outcome);
			tuplestore_putvalues(result->setResult, result->setDesc, row.values, row.nulls);
		});
	}
	return 0;
}

Datum import_content(FunctionCallInfo fcinfo)
{
	require_argument(fcinfo, kSourceArgument, "content");
	check_import_allowed("import_events_csv()");
	ImportOptions const options = options_argument(fcinfo);
	Datum content = PG_GETARG_DATUM(kSourceArgument);
	bytea *bytes = call([content] { return DatumGetByteaPP(content); });
	BytesSource source({VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes)});
	return summary_row(fcinfo, import_events(source, options));
}

} // namespace
} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_import_file)
{
	return enter([&] { return import_each(fcinfo, "path", path_argument); });
}

VERO_FUNCTION(vero_import_paths)
{
	return enter([&] { return import_each(fcinfo, "paths", paths_argument); });
}

VERO_FUNCTION(vero_import_content)
{
	return enter([&] { return import_content(fcinfo); });
}

VERO_FUNCTION(vero_retry_rejects)
{
	return enter([&] {
		require_argument(fcinfo, 0, "import");
		check_import_allowed("vero.retry_rejects()");
		RetryOptions wanted{boolean_argument(fcinfo, 1).value_or(false), boolean_argument(fcinfo, 2).value_or(false),
							std::nullopt, text_argument(fcinfo, 4)};
		if (!PG_ARGISNULL(3))
			wanted.max_jobs = PG_GETARG_INT64(3);
		return summary_row(fcinfo, retry_rejects(PG_GETARG_INT64(0), wanted));
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
