// The records of an import: read ahead, judged, written, and taken back where the file fails as a whole after all.
#pragma once

#include "pg/import/content_guard.hpp"
#include "pg/import/import.hpp"
#include "pg/import/running_import.hpp"
#include "pg/input/progress.hpp"
#include "pg/journal/import_journal.hpp"

extern "C" {
#include "datatype/timestamp.h"
}

namespace vero::pg {

/// The import that the records are of.
struct RecordImport {
	Catalog const &catalog;
	ImportOptions const &options;
	ImportOutcome &outcome;
	ImportContext &context;
	JournaledImport &journal;
	Progress &progress;
	ContentGuard *guard; ///< null: it may be a repeat
	TimestampTz started_at;
};

/// Imports the records behind the header. Of a file that fails as a whole nothing stays but its rejects, where failures are reported and not
/// raised: what was written is rolled back, as a subtransaction. Needs an SpiConnection. Throws Error, Report, ArchiveError.
std::optional<FileFailure> import_records(CsvInput &input, OpenedFile const &opened, RecordImport const &import);

} // namespace vero::pg
