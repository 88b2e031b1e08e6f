// The import's own row in vero.imports.
#pragma once

#include "core/report/import_journal.hpp"
#include "pg/import/csv_input.hpp"
#include "pg/import/import.hpp"
#include "pg/sql/catalog.hpp"

namespace vero::pg {

/// Opens the row (state running), as the owner, and says what the journal is to know of the import, its id with it. Needs an
/// SpiConnection. Throws Error.
JournalEntry log_start(Catalog const &catalog, Source const &source, ImportOptions const &options,
					   TimestampTz started_at);

/// Completes it, and tells its parent if it did not fail. `opened` is null where the file failed before it was understood. Throws
/// Error.
void log_end(Catalog const &catalog, ImportOutcome const &outcome, CsvInput &input, OpenedFile const *opened,
			 ImportOptions const &options);

} // namespace vero::pg
