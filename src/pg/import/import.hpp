// An import from its first byte to its last: the only place that knows the order of the stages.
#pragma once

#include "pg/base/catalog.hpp"
#include "pg/files/source.hpp"
#include "pg/import/import_options.hpp"

extern "C" {
#include "datatype/timestamp.h"
}

namespace vero::pg {

enum class ImportState : unsigned char { completed, completed_with_rejects, failed, dry_run };

std::string_view name_of(ImportState state);

/// What became of an import: rows_read = rows_imported + rows_rejected + rows_duplicate.
struct ImportSummary {
	std::int64_t import_id;
	ImportState state = ImportState::completed;
	std::int64_t rows_read = 0;
	std::int64_t rows_imported = 0;
	std::int64_t rows_rejected = 0;
	std::size_t rejected_bytes = 0; ///< of their text, as UTF-8 or as it stands in the file
	std::int64_t rows_duplicate = 0;
	std::int64_t contacts_created = 0;
	std::int64_t jobs_scheduled = 0;
	std::int64_t jobs_discarded = 0;
	std::optional<FileFailure> failure; ///< why the file failed as a whole, where the state says so
	std::int64_t elapsed_us = 0;
};

/// Demands what an import demands of its transaction and its user, in the name of `command`: to be called before a source is opened.
/// Throws Error (25006, 42501), Report (0A000).
void check_import_allowed(char const *command);

/// Demands the right to make mail go out: INSERT on vero.trigger_jobs. Throws Error (42501).
void check_trigger_allowed(Catalog const &catalog);

/// Imports all records of `source` in the current transaction: events, new contacts, rejects and the import's row come or go
/// together. A file that fails as a whole leaves only its row, or throws, as the options say. Throws Error, Report.
ImportSummary import_events(Source &source, ImportOptions const &options);

/// The last import that this session began, whatever became of it; nothing where there was none.
std::optional<std::int64_t> last_import_id();

} // namespace vero::pg
