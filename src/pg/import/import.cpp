// An import from its first byte to its last: the only place that knows the order of the stages.
#include "pg/import/import.hpp"

#include "core/intake/batch_maker.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/random.hpp"
#include "pg/base/settings.hpp"
#include "pg/base/timestamp.hpp"
#include "pg/base/zone.hpp"
#include "pg/import/batch_writer.hpp"
#include "pg/import/confirm_import.hpp"
#include "pg/import/import_log.hpp"
#include "pg/import/import_wait.hpp"
#include "pg/import/parse_ahead.hpp"
#include "pg/import/running_import.hpp"
#include "pg/input/progress.hpp"
#include "pg/journal/import_journal.hpp"

#include <malloc.h>

extern "C" {
#include "mb/pg_wchar.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

std::int64_t last_id = 0; ///< 0: none; ids begin at 1

/// Gives the system the memory that was freed in a scope, at its end: what malloc keeps would add to what the session's next import
/// takes. A small import leaves so little that the next one may as well have it.
class MemoryReturn {
public:
	explicit MemoryReturn(CsvInput const &input) : input_(input) {}
	MemoryReturn(MemoryReturn const &) = delete;
	MemoryReturn &operator=(MemoryReturn const &) = delete;
	~MemoryReturn()
	{
		if (input_.bytes_read() > kSmall || input_.compression() != Compression::none)
			malloc_trim(0);
	}

private:
	static constexpr std::uint64_t kSmall = 256 * 1024; ///< bytes

	CsvInput const &input_;
};

/// What was taken for what in the records that `counts` are of.
ImportReading tell_reading(OpenedFile const &opened, ImportOptions const &options, ReadingCounts const &counts,
						   std::uint64_t blank_records)
{
	ImportReading reading = make_reading(opened.header, counts, options.time_layouts, options.file.columns);
	reading.delimiter = std::string(1, opened.dialect.delimiter);
	reading.encoding = opened.encoding;
	reading.compression = name_of(opened.compression);
	reading.time_zone = options.zone_name;
	reading.blank_records = blank_records;
	return reading;
}

/// One batch after the other, all on this thread.
BatchMaker::State make_batch(CsvInput &input, BatchMaker &maker, Batch &batch)
{
	BatchMaker::State state;
	while ((state = maker.fill(batch)) == BatchMaker::State::hungry) {
		if (!input.feed(maker.stream()))
			maker.finish();
	}
	return state;
}

/// Before anything is written, so that whatever is wrong with the file so far fails it as a whole.
Result<BatchMaker::State, FileFailure> make_first_batch(CsvInput &input, BatchMaker &maker, Batch &batch)
{
	try {
		BatchMaker::State state = make_batch(input, maker, batch);
		if (batch.records() == 0)
			return tl::make_unexpected(FileFailure{"the file has a header but no data records", ""});
		return state;
	} catch (ArchiveError const &error) {
		return tl::make_unexpected(to_failure(error, input.source()));
	}
}

/// The rest of the batches, made on a second thread while this one reads bytes and writes.
void write_while_parsing(CsvInput &input, BatchMaker &maker, BatchWriter &writer)
{
	ParseAhead ahead(maker);
	while (!ahead.is_over()) {
		check_for_interrupts();
		for (std::span<char> room = ahead.room(); !room.empty(); room = ahead.room())
			ahead.give(input.read(room));
		if (Batch *batch = ahead.take()) {
			writer.write(*batch);
			ahead.give_back(batch);
		}
	}
}

std::optional<FileFailure> import_records(CsvInput &input, OpenedFile const &opened, ImportOptions const &options,
										  Catalog const &catalog, ImportOutcome &outcome, ImportContext &context,
										  JournaledImport &journal, TimestampTz started_at)
{
	MemoryReturn const give_back(input);
	TimeZone const zone = find_time_zone(options.time_zone); // a copy: an import in a trigger may ask for another one
	ValidationRules rules = make_rules(opened, options, zone);
	bool has_named_zones = static_cast<bool>(rules.time_layouts.zones);
	BatchMaker::Convert convert = input.converter();
	bool is_pure = !convert && !has_named_zones; // else PostgreSQL is called
	BatchMaker maker(input.take_stream(), std::move(rules), std::move(convert), random_hash_key());
	std::optional<Batch> batch(std::in_place);
	Result<BatchMaker::State, FileFailure> begun = make_first_batch(input, maker, *batch);
	if (!begun) {
		outcome.reading = tell_reading(opened, options, maker.counts(), batch->blank_records);
		return std::move(begun.error());
	}
	BatchMaker::State state = *begun;

	std::optional<JobRegistrar> jobs;
	if (options.trigger_campaigns)
		jobs.emplace(catalog, outcome.import_id, started_at);
	BatchWriter writer(catalog, outcome, opened.utf16, context, journal, jobs ? &*jobs : nullptr);
	writer.write(*batch);
	if (is_pure && state != BatchMaker::State::over) {
		batch.reset();
		write_while_parsing(input, maker, writer);
		state = BatchMaker::State::over;
	}
	while (state != BatchMaker::State::over) {
		batch->clear();
		state = make_batch(input, maker, *batch);
		writer.write(*batch);
	}
	writer.finish();
	outcome.reading = tell_reading(opened, options, maker.counts(), writer.blank_records());
	if (jobs) {
		for (NameCount const &name : maker.counts().names.counts()) {
			if (!jobs->has_campaign(name.name))
				outcome.names_without_campaign.push_back(name);
		}
	}
	return std::nullopt;
}

/// Once something is written, an archive that cannot be read on, be it on the other thread, is an error: all of it has to go.
template <class Function> void report_archive_errors(Source const &source, Function const &function)
{
	try {
		function();
	} catch (ArchiveError const &error) {
		FileFailure const failure = to_failure(error, source);
		throw Report{ERRCODE_BAD_COPY_FILE_FORMAT, failure.message, "", failure.hint};
	}
}

/// What is known once all is read. The journal has kept what is to be shown of the file.
void conclude(ImportOutcome &outcome, std::optional<FileFailure> const &failure, JournalEntry const &entry)
{
	outcome.state = failure						? ImportState::failed
					: outcome.rows_rejected > 0 ? ImportState::completed_with_rejects
												: ImportState::completed;
	outcome.error = failure ? failure->words() : "";
	outcome.is_utf16 = entry.outcome.is_utf16;
	outcome.compression = entry.outcome.compression;
	outcome.reject_kinds = entry.outcome.reject_kinds;
	outcome.first_rejects = entry.outcome.first_rejects;
	outcome.finished_at_us = to_unix_us(GetCurrentTimestamp());
}

} // namespace

void check_import_allowed(char const *command)
{
	call([command] {
		PreventCommandIfReadOnly(command);
		PreventCommandIfParallelMode(command);
		PreventCommandDuringRecovery(command);
	});
	check_importer();
}

void check_importer()
{
	Catalog catalog = find_catalog();
	call([&] {
		if (pg_class_aclcheck(catalog.events, GetUserId(), ACL_INSERT) != ACLCHECK_OK &&
			pg_attribute_aclcheck_all(catalog.events, GetUserId(), ACL_INSERT, ACLMASK_ALL) != ACLCHECK_OK)
			aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, "events");
	});
	if (GetDatabaseEncoding() != PG_UTF8 && GetDatabaseEncoding() != PG_SQL_ASCII) {
		throw Report{ERRCODE_FEATURE_NOT_SUPPORTED,
					 std::string("events cannot be imported into a database with encoding ") +
						 GetDatabaseEncodingName(),
					 "", "Use a database with encoding UTF8."};
	}
}

ValidationRules make_rules(OpenedFile const &opened, ImportOptions const &options, TimeZone const &zone)
{
	auto max_size = static_cast<std::size_t>(max_record_size());
	ValidationRules rules{opened.header, opened.dialect, options.event_name, opened.encoding, max_size, &zone};
	rules.time_layouts.list = options.time_layouts;
	if (std::any_of(options.time_layouts.begin(), options.time_layouts.end(),
					[](TimeLayout const &layout) { return layout.has_named_zone(); }))
		rules.time_layouts.zones = find_named_zones();
	rules.header_cells = opened.header_cells;
	rules.null_padding = options.file.null_padding;
	rules.decimal_mark = options.decimal_mark;
	rules.notation = options.file.notation;
	return rules;
}

FileFailure not_named_csv(Source const &source)
{
	return {"\"" + source.name() + "\" is not a CSV file: its name does not end in .csv, .csv.gz or .csv.zst",
			"Save it as CSV, or rename it if it is one."};
}

void check_trigger_allowed(Catalog const &catalog)
{
	call([&] {
		if (pg_class_aclcheck(catalog.trigger_jobs, GetUserId(), ACL_INSERT) != ACLCHECK_OK)
			aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, "trigger_jobs");
	});
}

ImportOutcome import_events(Source &source, ImportOptions const &options)
{
	TimestampTz started_at = GetCurrentTimestamp();
	Catalog catalog = find_catalog();
	SpiConnection spi;
	ImportContext context(source);
	ImportWait wait;
	ImportLog const log(catalog, source, options, started_at);
	JournaledImport journal(log.begun());
	ImportOutcome outcome = journal.entry().outcome;
	last_id = outcome.import_id;
	Progress progress(catalog.events, source, outcome.import_id);

	auto import = [&] {
		CsvInput input(source, options.file, static_cast<std::size_t>(max_record_size()));
		Result<OpenedFile, FileFailure> opened = input.open();
		OpenedFile const *file = opened ? &*opened : nullptr;
		journal.note_form(input.utf16_order().has_value(), input.compression());
		if (file != nullptr)
			journal.note_setting({file->encoding, !options.time_layouts.empty(), options.file.notation});
		std::optional<FileFailure> failure;
		if (source.is_named_otherwise()) {
			failure = not_named_csv(source);
		} else if (file == nullptr) {
			failure = opened.error();
		} else {
			failure = import_records(input, *file, options, catalog, outcome, context, journal, started_at);
		}
		if (failure && options.on_failure == OnFailure::raise)
			throw Report{ERRCODE_BAD_COPY_FILE_FORMAT, failure->message, "", failure->hint};
		input.drain();
		conclude(outcome, failure, journal.entry());
		log.end(outcome, input, file);
		confirm_import(catalog, journal.entry(), outcome);
		wait.end();
	};
	journal.run([&] { report_archive_errors(source, import); });
	outcome.finished_at_us = to_unix_us(GetCurrentTimestamp());
	return outcome;
}

std::optional<std::int64_t> last_import_id()
{
	return last_id == 0 ? std::nullopt : std::optional(last_id);
}

} // namespace vero::pg
