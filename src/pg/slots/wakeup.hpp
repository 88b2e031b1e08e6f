// Tells the worker of this database that there is work.
#pragma once

#include "pg/base/hooks.hpp"

extern "C" {
#include "datatype/timestamp.h"
}

namespace vero::pg {

/// Has the worker look at that time, or at once where it has passed, if this transaction commits. Throws Error.
void wake_worker_at_commit(TimestampTz due);

/// Called where a transaction ends: does what was asked for.
void wake_at_end(XactEvent event);

/// This process is the worker, which looks for itself after what it writes.
void ignore_own_wakeups();

/// At once. May be called anywhere, in a transaction's callbacks too.
void wake_worker() noexcept;

} // namespace vero::pg
