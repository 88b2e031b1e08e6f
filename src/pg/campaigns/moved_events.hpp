// Finds the events that were corrected after their jobs were written.
#pragma once

#include "pg/campaigns/due_jobs.hpp"

namespace vero::pg {

/// Those of `missing` whose event is still there, with another contact or at another time than the job says, in their order: from now on
/// the job says what the event does. Searches the table once for all of them. Needs an SpiConnection. Throws Error.
std::vector<DueJob *> find_moved_events(Catalog const &catalog, std::vector<DueJob *> missing);

} // namespace vero::pg
