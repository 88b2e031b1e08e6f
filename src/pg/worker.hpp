// Does a database's work: decides the jobs that are due, as long as there are some.
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include "datatype/timestamp.h"
}

namespace vero::pg {

/// What goes on in a worker's process, step by step. Not in a transaction; the process has its database's slot.
class Worker {
public:
	/// What is left to do.
	enum class Left : unsigned char {
		something, ///< at once
		waiting,   ///< not before next_look()
		nothing,   ///< the extension is not there
	};

	/// One stretch of work. Throws Error, Report: it may be called again.
	Left work();
	/// Jobs are left alone until then.
	void pause(TimestampTz until);
	/// DT_NOEND: when somebody says so.
	TimestampTz next_look() const;
	/// It did something lately: until then more may follow, and it stays.
	TimestampTz busy_until() const { return busy_until_; }

private:
	bool look();
	void decide_batch();

	bool is_bound_ = false;					 ///< the database is no copy: its jobs are decided here
	TimestampTz next_job_ = DT_NOBEGIN;		 ///< when the next one is due
	TimestampTz decided_until_ = DT_NOBEGIN; ///< jobs that were due before are decided
	TimestampTz paused_until_ = DT_NOBEGIN;
	TimestampTz busy_until_ = DT_NOBEGIN;
};

} // namespace vero::pg
