// Removes what was kept long enough: jobs that were decided, with their mail, and confirmations.
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

/// In the current transaction: removes up to `limit` jobs, and as many confirmations, that are older than `kept` and than the
/// longest cooldown, which needs them. What is still to be sent stays, and what others hold. Opens an SpiConnection itself.
/// Throws Error.
RemovedCounts remove_old(int limit, Interval kept);

/// For a worker: removes some of what is older than vero_events.keep_messages. True where there may be more.
bool remove_some_old();

} // namespace vero::pg
