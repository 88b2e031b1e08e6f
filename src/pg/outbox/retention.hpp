// Removes what was kept long enough: jobs that were decided, with their mail, confirmations, and rejected records.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "datatype/timestamp.h"
}

namespace vero::pg {

struct RemovedCounts {
	std::int64_t jobs = 0; ///< each with its message
	std::int64_t confirmations = 0;
};

/// vero_events.keep_messages; nothing: for ever.
std::optional<Interval> kept_messages();
/// vero_events.keep_rejects, likewise.
std::optional<Interval> kept_rejects();

/// In the current transaction: removes up to `limit` jobs, and as many confirmations, that are older than `kept` and than the
/// longest cooldown, which needs them. What is still to be sent stays, and what others hold. Opens an SpiConnection itself.
/// Throws Error.
RemovedCounts remove_old(int limit, Interval kept);

/// Likewise: removes up to `limit` rejected records of imports that ended longer ago than `kept`, and says how many there were. The imports and
/// their counts stay. Opens an SpiConnection itself. Throws Error.
std::int64_t remove_old_rejects(int limit, Interval kept);

/// For a worker: removes some of what is older than vero_events.keep_messages and keep_rejects. True where there may be more.
bool remove_some_old();

} // namespace vero::pg
