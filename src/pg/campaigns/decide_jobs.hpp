// Decides jobs that are due: their mail is written into the outbox, or they are discarded, or they fail.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "datatype/timestamp.h"
}

#include <functional>
#include <limits>

namespace vero::pg {

/// What became of due jobs.
struct JobCounts {
	std::int64_t queued = 0; ///< a message was written
	std::int64_t discarded = 0;
	std::int64_t failed = 0;
	bool are_more_left = false; ///< some that are due were left for the next call, as these took long

	void add(JobCounts const &others)
	{
		queued += others.queued;
		discarded += others.discarded;
		failed += others.failed;
	}
	std::int64_t decided() const { return queued + discarded + failed; }
};

struct DueJob;
using JobsBegun = std::function<void(std::vector<DueJob> const &)>;

/// A place in the order in which jobs are decided.
struct JobPosition {
	/// Before all others that are due then.
	constexpr JobPosition(TimestampTz time = DT_NOBEGIN) : JobPosition(time, std::numeric_limits<std::int64_t>::min())
	{
	}
	constexpr JobPosition(TimestampTz time, std::int64_t event) : due_at(time), event_id(event) {}

	TimestampTz due_at;
	std::int64_t event_id;
};

/// Decides up to `limit` due jobs in the current transaction, those that are due first first, passing over those that another
/// session is deciding. Only those at or after `from`: a caller that goes on where it stopped spares the index the dead entries
/// of jobs that are decided. `reached` becomes the place of the last one. One that cannot be decided fails alone, with the
/// error kept. `begun` is told which they are before any is decided; they may end the process. Opens an SpiConnection itself. Throws
/// Error, Report (55000 in a copy of a database; 0A000 above READ COMMITTED, where it could not see what others decided).
JobCounts decide_due_jobs(int limit, JobPosition from, JobPosition &reached, JobsBegun const &begun = {});

/// When the next job is due; nothing where none waits. Opens an SpiConnection itself. Throws Error.
std::optional<TimestampTz> next_job_due();

} // namespace vero::pg
