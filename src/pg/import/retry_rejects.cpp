// Imports rejected records that were corrected in their table: vero.retry_rejects().
#include "pg/import/retry_rejects.hpp"

#include "core/csv/record_reader.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/settings.hpp"
#include "pg/files/source.hpp"
#include "pg/import/import.hpp"
#include "pg/import/import_owner.hpp"
#include "pg/sql/statement.hpp"

namespace vero::pg {
namespace {

constexpr std::int64_t kMostBytes = 64 * 1024 * 1024; // they are in memory

constexpr Statement kLockRetried{
	R"(
	SELECT i.state, i.rows_rejected, i.header, i.dialect ->> 'delimiter' AS delimiter, i.dialect ->> 'quote' AS quote, i.dialect ->> 'escape' AS escape,
		(SELECT p.id FROM vero.imports AS p
			WHERE p.id = i.parent_import_id AND p.state = ANY ('{completed,completed_with_rejects}'::text[])) AS corrected_import
	FROM vero.imports AS i
	WHERE i.id = $1
	FOR UPDATE)",
	{INT8OID},
	{{"state", TEXTOID},
	 {"rows_rejected", INT8OID},
	 {"header", TEXTOID},
	 {"delimiter", TEXTOID},
	 {"quote", TEXTOID},
	 {"escape", TEXTOID},
	 {"corrected_import", INT8OID}}};

constexpr Statement kSize{
	R"(
	SELECT coalesce(sum(octet_length(r.corrected_record)) FILTER (WHERE r.resolved_by IS NULL), 0)::int8 AS bytes,
		count(*) FILTER (WHERE r.resolved_by IS NULL) AS open, count(r.resolved_by) AS resolved,
		EXISTS (SELECT FROM vero.rejected_rows AS a WHERE a.import_id = $1) AS are_there
	FROM vero.rejected_rows AS r
	WHERE r.import_id = $1 AND r.corrected_record IS NOT NULL)",
	{INT8OID},
	{{"bytes", INT8OID}, {"open", INT8OID}, {"resolved", INT8OID}, {"are_there", BOOLOID}}};

constexpr Statement kCorrected{
	R"(
	SELECT r.record_number, r.corrected_record
	FROM vero.rejected_rows AS r
	WHERE r.import_id = $1 AND r.corrected_record IS NOT NULL AND r.resolved_by IS NULL
	ORDER BY r.record_number)",
	{INT8OID},
	{{"record_number", INT8OID}, {"corrected_record", TEXTOID}}};

constexpr Statement kResolveCorrected{
	R"(
	UPDATE vero.rejected_rows
	SET resolved_by = $2
	WHERE import_id = $1 AND record_number = ANY ($3))",
	{INT8OID, INT8OID, INT8ARRAYOID}};

/// The corrected records as a file.
struct CorrectedFile {
	std::string delimiter, quote, escape;
	std::string content;			   ///< the header, if there is one, and the records
	std::vector<std::int64_t> numbers; ///< which of the import's records they are, in order
};

std::string name_of(std::int64_t import)
{
	return "import " + std::to_string(import);
}

/// So that what is rejected again can be told by its number.
void check_record(std::string const &text, std::int64_t number, Dialect const &dialect)
{
	RecordReader reader(dialect, static_cast<std::size_t>(max_record_size()));
	reader.feed(text);
	reader.finish();
	Record record;
	bool is_there = reader.next(record);
	bool is_blank = !is_there || std::all_of(record.cells.begin(), record.cells.end(),
											 [](Cell const &cell) { return cell.begin == cell.end; });
	char const *fault = nullptr;
	if (is_there && record.fault == RecordFault::too_long) {
		fault = "It is longer than vero_events.max_record_size.";
	} else if (is_there && record.fault != RecordFault::none) {
		fault = "It has a quote that is not closed.";
	} else if (is_blank) {
		fault = "It is blank.";
	} else if (record.raw.size() != text.size()) {
		fault = "It has a line break outside quotes.";
	}
	if (fault != nullptr) {
		throw Report{ERRCODE_BAD_COPY_FILE_FORMAT,
					 "the corrected_record of record " + std::to_string(number) + " is not one record", fault, ""};
	}
}

/// `corrected_import`: whose rejects the import corrected, where that can still be done.
void check_state(std::int64_t import, std::string const &state, std::optional<std::int64_t> corrected_import)
{
	if (state == "completed" || state == "completed_with_rejects")
		return;
	throw Report{ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
				 name_of(import) + " has no rejects that could be imported by themselves",
				 "Its state is \"" + state + "\".",
				 corrected_import ? "Its records are rejects of " + name_of(*corrected_import) + ": retry those."
								  : "Import the whole file."};
}

[[noreturn]] void refuse_without_rejects(std::int64_t import, std::int64_t rejected)
{
	throw Report{ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE, name_of(import) + " has no corrected records to import",
				 rejected == 0 ? "It rejected nothing." : "They were removed.",
				 rejected == 0 ? ""
							   : "Records that you have elsewhere can be imported as a file, with parent_import => " +
									 std::to_string(import) + "."};
}

void check_corrected(Catalog const &catalog, std::int64_t import, std::int64_t rejected)
{
	auto rows = call([&] { return run_as_owner<kSize>(catalog, {import}); });
	if (!call([&] { return rows[0].boolean("are_there"); }))
		refuse_without_rejects(import, rejected);
	std::int64_t const resolved = call([&] { return rows[0].int8("resolved"); });
	if (call([&] { return rows[0].int8("open"); }) == 0) {
		throw Report{
			ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE, name_of(import) + " has no corrected records to import",
			resolved == 0 ? "" : "Those that are corrected have moved on to the import that their resolved_by names.",
			resolved == 0 ? "Write them into vero.rejected_rows.corrected_record."
						  : "Correct one that has no resolved_by; of those that were rejected again, correct the "
							"reject of that import."};
	}
	if (call([&] { return rows[0].int8("bytes"); }) > kMostBytes) {
		throw Report{ERRCODE_PROGRAM_LIMIT_EXCEEDED,
					 "the corrected records of " + name_of(import) + " are more than 64 MB", "",
					 "Set corrected_record of some of them, retry, and go on with others."};
	}
}

/// Locks the import, so that its rejects are not imported twice.
CorrectedFile read_corrected(std::int64_t import)
{
	SpiConnection spi;
	Catalog catalog = find_catalog();
	check_import_owner(catalog, import, "retry the rejects of");
	auto rows = call([&] { return run_as_owner<kLockRetried>(catalog, {import}); });
	if (rows.count() == 0)
		throw Report{ERRCODE_NO_DATA_FOUND, name_of(import) + " does not exist", "", ""};
	check_state(import, rows[0].string("state"), call([&] { return rows[0].optional_int8("corrected_import"); }));
	check_corrected(catalog, import, call([&] { return rows[0].int8("rows_rejected"); }));
	CorrectedFile file{rows[0].string("delimiter"), rows[0].string("quote"), rows[0].string("escape"), "", {}};
	if (std::optional<std::string> header = rows[0].optional_string("header"))
		file.content = *header + "\n";
	if (file.delimiter.empty() || file.quote.empty() || file.escape.empty()) {
		throw Report{ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
					 "vero.imports does not say how the file of " + name_of(import) + " was read", "", ""};
	}
	Dialect dialect{file.delimiter.front(), file.quote.front(), file.escape.front(), ""};
	auto records = call([&] { return run_as_owner<kCorrected>(catalog, {import}); });
	for (std::size_t i = 0; i < records.count(); i++) {
		std::int64_t number = call([&] { return records[i].int8("record_number"); });
		std::string text = records[i].string("corrected_record");
		check_record(text, number, dialect);
		file.numbers.push_back(number);
		file.content += text + "\n";
	}
	return file;
}

ImportOptions make_options(std::int64_t import, CorrectedFile const &file, RetryOptions const &wanted)
{
	GivenOptions given;
	given.parent_import = import;
	given.is_parent_checked = true;
	given.delimiter = file.delimiter;
	given.quote = file.quote;
	given.escape = file.escape;
	given.encoding = "UTF8";
	given.label = "corrected rejects of " + name_of(import);
	given.trigger_campaigns = wanted.triggers_campaigns;
	given.dry_run = wanted.is_dry_run;
	given.max_jobs = wanted.max_jobs;
	given.on_duplicate = wanted.on_duplicate;
	given.allow_repeat = true; // resolved_by keeps them from being imported again
	ImportOptions options = check_options(given);
	options.is_retry = true;
	return options;
}

/// Each of them has moved on: into the events, or to the rejects of the new import, so that it is open in one place.
void note_resolved(std::int64_t import, ImportOutcome const &outcome, std::vector<std::int64_t> const &numbers)
{
	SpiConnection spi;
	Catalog catalog = find_catalog();
	call([&] {
		run_as_owner<kResolveCorrected>(
			catalog,
			{import, outcome.import_id, int8_array(numbers.size(), [&](std::size_t i) { return numbers[i]; })});
	});
}

} // namespace

ImportOutcome retry_rejects(std::int64_t import, RetryOptions const &wanted)
{
	CorrectedFile file = read_corrected(import);
	BytesSource source(file.content);
	ImportOutcome outcome = import_events(source, make_options(import, file, wanted));
	if (outcome.state != ImportState::failed && !outcome.is_dry_run)
		note_resolved(import, outcome, file.numbers);
	return outcome;
}

} // namespace vero::pg
