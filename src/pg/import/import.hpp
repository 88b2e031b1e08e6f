// An import from its first byte to its last: the order of the stages.
#pragma once

#include "core/intake/validator.hpp"
#include "core/report/import_outcome.hpp"
#include "pg/files/source.hpp"
#include "pg/import/import_options.hpp"
#include "pg/sql/catalog.hpp"

namespace vero::pg {

/// Demands what an import demands of its user. Throws Error (42501), Report (0A000).
void check_importer();

/// Does so, and demands what an import demands of its transaction, in the name of `command`: to be called before a source is opened.
/// Throws Error (25006, 42501), Report (0A000).
void check_import_allowed(char const *command);

/// Demands the right to make mail go out: INSERT on vero.trigger_jobs. Throws Error (42501).
void check_trigger_allowed(Catalog const &catalog);

/// What the records of a file are judged by. `zone` outlives it.
ValidationRules make_rules(OpenedFile const &opened, ImportOptions const &options, TimeZone const &zone);

/// Why such a source fails as a whole.
FileFailure not_named_csv(Source const &source);

/// Imports all records of `source` in the current transaction: events, new contacts, rejects and the import's row come or go
/// together. A file that fails as a whole leaves only its row, or throws, as the options say. Throws Error, Report.
ImportOutcome import_events(Source &source, ImportOptions const &options);

/// The last import that this session began, whatever became of it; nothing where there was none.
std::optional<std::int64_t> last_import_id();

} // namespace vero::pg
