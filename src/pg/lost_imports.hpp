// Records the imports that an error, a lost connection or a crash has taken away, with their confirmations.
#pragma once

#include "pg/postgres.hpp"

namespace vero::pg {

/// Called once, when the library is loaded.
void install_lost_imports();

/// Records, in the current transaction, every import of this database whose transaction is gone without having told its end: the row
/// in vero.imports (failed), and the confirmation. Each is recorded once, whatever fails on the way. Says how many there were. Opens an
/// SpiConnection itself. Throws Error, Report (0A000 above READ COMMITTED).
std::int64_t record_lost_imports();

/// The databases for which record_lost_imports() has something to do; some may be gone by now. Needs no transaction, and no catalog.
std::vector<Oid> databases_with_lost_imports();

/// Drops what is left of a database that is gone. Needs no transaction.
void forget_lost_imports(Oid database);

} // namespace vero::pg
