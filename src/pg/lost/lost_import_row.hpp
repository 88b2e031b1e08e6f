// The row in vero.imports of an import that was lost, under the number under which it ran.
#pragma once

#include "core/report/import_journal.hpp"
#include "pg/sql/catalog.hpp"

namespace vero::pg {

/// Writes it, as failed; false where it is on record. After a crash the number may have been given to another import: then it gets a
/// new one, which `entry` has from then on, and its error names the first. Needs an SpiConnection. Throws Error.
bool record_lost_row(Catalog const &catalog, JournalEntry &entry);

} // namespace vero::pg
