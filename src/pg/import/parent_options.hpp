// The options of an import whose corrected rejects are imported hold for these, too.
#pragma once

#include "pg/import/import_options.hpp"

namespace vero::pg {

/// Adds to `given`, which names a parent, what is not given anew: all that says how the parent's file was read, and who was notified.
/// Not compression, as the corrected file is another one, nor trigger_campaigns and dry_run, which every import says for itself. Where nothing is stored of
/// the parent, and that was corrected rejects itself, the parent is the import that has the rejects from then on. Opens an SpiConnection itself. Throws Error, Report (22023) where the caller can see no such import.
void inherit_options(GivenOptions &given);

} // namespace vero::pg
