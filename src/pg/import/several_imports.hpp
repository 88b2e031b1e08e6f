// Keeps those apart who lock several imports, each in an order of its own: they would wait for one another.
#pragma once

namespace vero::pg {

/// Until the end of the transaction, before the first import is locked: a backfill meets them in the order of their events. Throws Error.
void keep_from_cascading_undos();

/// Likewise: an undo meets an import before its corrections. Throws Error.
void keep_from_backfills();

} // namespace vero::pg
