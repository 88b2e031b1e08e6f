// Records the imports that an error, a lost connection or a crash has taken away, with their confirmations.
#pragma once

#include "pg/base/hooks.hpp"
#include "pg/journal/journal_file.hpp"

namespace vero::pg {

/// Removes the journals whose imports are recorded now, or leaves them to the next who looks. Called where a transaction ends.
void end_lost_imports(XactEvent event);
/// The same where a subtransaction ends.
void end_lost_imports_part(SubXactEvent event, SubTransactionId own, SubTransactionId parent);

/// Records, in the current transaction, every import of this database whose transaction is gone without having told its end: the row
/// in vero.imports (failed), and the confirmation. Each is recorded once, whatever fails on the way. Says how many there were. Opens an
/// SpiConnection itself. Throws Error (25006), Report (0A000 above READ COMMITTED).
std::int64_t record_lost_imports();

/// The same file by file, for who has a transaction for each.
std::vector<JournalFileName> lost_import_files();
std::int64_t record_lost_file(JournalFileName const &name);
/// Its imports cannot be recorded, not even committed, for that reason: says so in the log. Needs no transaction. Throws Error.
void set_lost_file_aside(JournalFileName const &name, std::string const &why);

/// The databases for which record_lost_imports() has something to do; some may be gone by now. Needs no transaction, and no catalog.
std::vector<Oid> databases_with_lost_imports();

/// Drops what is left of a database that is gone, or has the extension no more. Needs no transaction.
void forget_lost_imports(Oid database);

} // namespace vero::pg
