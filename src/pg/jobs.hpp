// Decides jobs that are due: their mail is written into the outbox, or they are discarded, or they fail.
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include "datatype/timestamp.h"
}

namespace vero::pg {

/// What became of due jobs.
struct JobCounts {
	std::int64_t queued = 0; ///< a message was written
	std::int64_t discarded = 0;
	std::int64_t failed = 0;

	std::int64_t decided() const { return queued + discarded + failed; }
};

/// Decides up to `limit` due jobs in the current transaction, those that are due first first, passing over those that another
/// session is deciding. Only those due at or after `from`: a caller that goes on where it stopped spares the index the dead entries
/// of jobs that are decided. `reached` becomes the time of the last one. One that cannot be decided fails alone, with the
/// error kept. Opens an SpiConnection itself. Throws Error, Report (55000 in a copy of a database; 0A000 above READ COMMITTED, where it could not see what
/// others decided).
JobCounts decide_due_jobs(int limit, TimestampTz from, TimestampTz &reached);

/// When the next job is due; nothing where none waits. Opens an SpiConnection itself. Throws Error.
std::optional<TimestampTz> next_job_due();

} // namespace vero::pg
