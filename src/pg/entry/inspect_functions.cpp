// The functions of SQL that look at a file before it is imported.
#include "core/text/sql_literal.hpp"
#include "core/text/text.hpp"
#include "pg/base/arguments.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/jsonb_object.hpp"
#include "pg/entry/reading_arguments.hpp"
#include "pg/import/import.hpp"
#include "pg/import/import_profile.hpp"
#include "pg/inspect/inspect.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/tuplestore.h"
}

namespace vero::pg {
namespace {

/// Their arguments, by their places.
enum InspectArgument {
	kInspectSource,
	kInspectColumns,
	kInspectProfile = kInspectColumns + 9,
	kInspectDelimiter,
	kInspectMaxRecords = kInspectDelimiter + 5
};

// Of vero.inspected_column and vero.inspected_file.
constexpr std::array<Oid, 9> kColumnTypes{INT4OID, TEXTOID, TEXTOID, INT8OID, TEXTOID,
										  INT8OID, TEXTOID, TEXTOID, TEXTOID};
constexpr std::array<Oid, 18> kFileTypes{TEXTOID, TEXTOID,	TEXTOID, TEXTOID, TEXTOID, TEXTOID,
										 TEXTOID, TEXTOID,	TEXTOID, INT8OID, INT8OID, INT8OID,
										 INT8OID, JSONBOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID};

constexpr std::string_view kAnyEvents = "Imported";

/// The file's name without its directory and ending: what is in it, as often as not.
std::string name_after(std::string_view path)
{
	path = path.substr(path.find_last_of('/') + 1);
	path = trim_unseen(path.substr(0, path.find('.')));
	bool is_name = !path.empty() && is_utf8(path) && utf8_length(path) <= kMaxEventNameLength;
	return std::string(is_name ? path : kAnyEvents);
}

InspectedSource file_argument(FunctionCallInfo fcinfo)
{
	require_argument(fcinfo, kInspectSource, "path");
	std::string path = *text_argument(fcinfo, kInspectSource);
	std::string literal = sql_literal(path), events = name_after(path);
	return {[path = std::move(path)] { return std::make_unique<FileSource>(path); }, std::move(literal),
			std::move(events)};
}

InspectedSource content_argument(FunctionCallInfo fcinfo)
{
	require_argument(fcinfo, kInspectSource, "content");
	Datum content = PG_GETARG_DATUM(kInspectSource);
	bytea *bytes = call([content] { return DatumGetByteaPP(content); });
	std::string_view view(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
	return {[view] { return std::make_unique<BytesSource>(view); }, "content => $1", std::string(kAnyEvents)};
}

Inspection inspect_argument(FunctionCallInfo fcinfo, InspectedSource (*source)(FunctionCallInfo))
{
	check_importer();
	GivenOptions given;
	read_reading_arguments(fcinfo, kInspectColumns, kInspectDelimiter, given);
	given.profile = text_argument(fcinfo, kInspectProfile);
	if (given.profile)
		apply_profile(given);
	std::int64_t max_records = PG_ARGISNULL(kInspectMaxRecords) ? 0 : PG_GETARG_INT64(kInspectMaxRecords);
	if (max_records < 1)
		throw Report{ERRCODE_INVALID_PARAMETER_VALUE, "option \"max_records\" must be at least 1", "", ""};
	return inspect(source(fcinfo), std::move(given), static_cast<std::uint64_t>(max_records));
}

std::string join_lines(std::vector<std::string> const &lines)
{
	std::string text;
	for (std::string const &line : lines)
		text += (text.empty() ? "" : "\n") + line;
	return text;
}

Datum codes_object(Inspection const &inspection)
{
	JsonbObject object;
	for (auto const &[code, count] : inspection.rejects_by_code) {
		object.add_number(code, static_cast<std::int64_t>(count));
	}
	return object.finish();
}

Datum file_row(FunctionCallInfo fcinfo, Inspection const &found)
{
	Datum const codes = codes_object(found);
	std::string const warnings = join_lines(found.warnings), questions = join_lines(found.questions);
	std::string_view const texts[] = {found.delimiter.value,   found.delimiter.why,	  found.quote.value,
									  found.quote.why,		   found.encoding.value,  found.encoding.why,
									  found.compression.value, found.compression.why, found.time_zone};
	std::string_view const last_texts[] = {warnings, questions, found.error, found.call};
	bool const has_records = !found.encoding.value.empty();
	return call([&] {
		Datum values[kFileTypes.size()];
		bool nulls[kFileTypes.size()] = {};
		std::size_t at = 0;
		auto const put = [&](Datum value, bool is_null) {
			values[at] = value;
			nulls[at++] = is_null;
		};
		for (std::string_view text : texts)
			put(text_datum(text), text.empty());
		put(Int64GetDatum(found.header_line.value_or(0)), !found.header_line);
		for (std::uint64_t count : {found.records, found.blank_records, found.rejects})
			put(Int64GetDatum(count), !has_records);
		put(codes, !has_records);
		for (std::string_view text : last_texts)
			put(text_datum(text), text.empty());
		return result_row(fcinfo, kFileTypes, values, nulls);
	});
}

void put_column(ReturnSetInfo *result, int number, ColumnDescription const &column, std::string_view examples)
{
	Datum values[] = {Int32GetDatum(number),		text_datum(column.name),		 text_datum(column.taken_for),
					  Int64GetDatum(column.filled), text_datum(column.distinct),	 Int64GetDatum(column.longest),
					  text_datum(column.type),		text_datum(column.time_formats), text_datum(examples)};
	bool nulls[] = {false, false, column.taken_for.empty(),	   false,			false,
					false, false, column.time_formats.empty(), examples.empty()};
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

Datum column_rows(FunctionCallInfo fcinfo, Inspection const &found)
{
	auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
	call([&] {
		InitMaterializedSRF(fcinfo, 0);
		check_row_type(result->setDesc, kColumnTypes);
	});
	int number = 0;
	for (ColumnDescription const &column : found.columns) {
		number++;
		std::string const examples = join_lines(column.examples);
		call([&] { put_column(result, number, column, examples); });
	}
	return 0;
}

} // namespace
} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_inspect_file_columns)
{
	return enter([&] { return column_rows(fcinfo, inspect_argument(fcinfo, file_argument)); });
}

VERO_FUNCTION(vero_inspect_content_columns)
{
	return enter([&] { return column_rows(fcinfo, inspect_argument(fcinfo, content_argument)); });
}

VERO_FUNCTION(vero_inspect_file)
{
	return enter([&] { return file_row(fcinfo, inspect_argument(fcinfo, file_argument)); });
}

VERO_FUNCTION(vero_inspect_content)
{
	return enter([&] { return file_row(fcinfo, inspect_argument(fcinfo, content_argument)); });
}
