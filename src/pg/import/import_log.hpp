// The import's own row in vero.imports.
#pragma once

#include "core/report/import_journal.hpp"
#include "pg/import/import.hpp"
#include "pg/input/csv_input.hpp"
#include "pg/sql/catalog.hpp"

namespace vero::pg {

/// Writes it, as the owner: in state running when the import begins, and again when it ends, where code that somebody else put on a
/// table may look for it meanwhile; else only then, as nobody could see it before. Needs an SpiConnection. All that it is given outlives it.
class ImportLog {
public:
	/// Takes the import's id. Throws Error.
	ImportLog(Catalog const &catalog, Source const &source, ImportOptions const &options, TimestampTz started_at);
	/// What the journal is to know of the import.
	JournalEntry const &begun() const { return begun_; }
	/// Completes the row, and tells its parent if it did not fail. `opened` is null where the file failed before it was understood. Throws
	/// Error.
	void end(ImportOutcome const &outcome, CsvInput &input, OpenedFile const *opened) const;

private:
	Catalog const &catalog_;
	ImportOptions const &options_;
	TimestampTz started_at_;
	JournalEntry begun_;
	bool is_open_; ///< the row is there
};

} // namespace vero::pg
