// Writes the confirmation of an import into the outbox.
#pragma once

#include "core/report/import_journal.hpp"
#include "pg/import/import.hpp"

namespace vero::pg {

/// Who is told of an import whose options name these: they, or else those of vero_events.notify_email.
std::vector<std::string> find_recipients(std::vector<std::string> const &notify);

/// Demands the right to have mail sent to these: INSERT on vero.messages, where vero_events.notify_email does not name them all. Throws
/// Report (42501).
void check_notify_allowed(Catalog const &catalog, std::vector<std::string> const &notify);

// Both write as the owner, queued where there is somebody to send it to and a way to do so, and need an SpiConnection. They throw
// Error, 23505 where the import has its confirmation.

/// Of an import whose row is finished. `begun` is what the journal has of it.
void confirm_import(Catalog const &catalog, JournalEntry const &begun, ImportOutcome outcome);

/// Of one that was rolled back, and stands on record under the id that `begun` says.
void confirm_lost_import(Catalog const &catalog, JournalEntry const &begun);

} // namespace vero::pg
