// An import from its first byte to its last: the order of the stages.
#include "pg/import/import.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/settings.hpp"
#include "pg/base/timestamp.hpp"
#include "pg/base/zone.hpp"
#include "pg/import/confirm_import.hpp"
#include "pg/import/import_log.hpp"
#include "pg/import/import_records.hpp"
#include "pg/import/import_wait.hpp"
#include "pg/import/running_import.hpp"
#include "pg/input/progress.hpp"
#include "pg/journal/import_journal.hpp"
#include "pg/sql/citus_node.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "mb/pg_wchar.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

std::int64_t last_id = 0; ///< 0: none; ids begin at 1

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
	call([&] { change_in_order(catalog); });
	SpiConnection spi;
	ImportContext context(source);
	ImportWait wait;
	ImportLog const log(catalog, source, options, started_at);
	JournaledImport journal(log.begun());
	ImportOutcome outcome = journal.entry().outcome;
	outcome.looks_for_duplicates = options.on_duplicate != OnDuplicate::insert;
	last_id = outcome.import_id;
	std::optional<ContentGuard> guard;
	if (!options.allows_repeat)
		guard.emplace(catalog);
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
			failure = import_records(
				input, *file,
				{catalog, options, outcome, context, journal, progress, guard ? &*guard : nullptr, started_at});
		}
		if (failure && options.on_failure == OnFailure::raise)
			throw Report{ERRCODE_BAD_COPY_FILE_FORMAT, failure->message, failure->detail, failure->hint};
		input.drain();
		conclude(outcome, failure, journal.entry());
		log.end(outcome, input, file);
		if (guard)
			guard->release();
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
