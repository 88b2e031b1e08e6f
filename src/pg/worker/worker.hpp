// Does a database's work: records imports that were lost, decides jobs that are due, sends mail, removes what is old.
#pragma once

#include "core/time/clock_watch.hpp"
#include "pg/campaigns/decide_jobs.hpp"
#include "pg/campaigns/deciding_mark.hpp"
#include "pg/journal/journal_file.hpp"
#include "pg/sending/delivery.hpp"

namespace vero::pg {

/// What goes on in a worker's process, step by step. Not in a transaction; the process has its database's slot.
class Worker {
public:
	/// What is left to do.
	enum class Left : unsigned char {
		something, ///< at once
		waiting,   ///< see wait()
		nothing,   ///< the extension is not there, or another one than before
	};

	Worker();

	/// One stretch of work. Throws Error, Report: then fail() is to be called.
	Left work();
	/// Leaves alone until then what the last work() was at and failed of that. Throws std::bad_alloc only.
	void fail(ErrorData const &error, TimestampTz until);
	/// When there is something to do next; DT_NOEND: when somebody says so.
	TimestampTz next_look() const;
	/// True while it should stay, whenever there is something to do next.
	bool is_needed() const;
	/// Until there is something to do, or the process is woken. Throws Error.
	void wait();
	/// Ends in order what is under way, which takes a few seconds at most. Throws Error, Report.
	void stop();

private:
	/// What can fail, and then is left alone for a while, each by itself.
	enum Part : unsigned char { looking, recording, deciding, sending, removing, kParts };

	bool is_due(Part part, TimestampTz now) const;
	TimestampTz due(Part part) const { return std::max(next_[part], paused_until_[part]); }
	void look_at_clock();
	bool look();
	void record();
	void decide();
	void send();
	void remove();
	void note_busy();
	void look_for_mail();

	ClockWatch clock_;
	std::optional<JournalFileName> recorded_; ///< the file whose imports are just recorded
	Delivery mail_;
	bool is_mail_begun_ = false;
	bool is_bound_ = false;		 ///< the database is no copy: its jobs are decided here
	Oid extension_ = InvalidOid; ///< as it was at the first look
	JobPosition decided_until_;	 ///< jobs before it are decided
	DecidingMark mark_;
	TimestampTz busy_until_ = DT_NOBEGIN;
	std::int64_t sent_ = 0; ///< messages sent that the slot has been told of
	Part part_ = looking;
	std::array<TimestampTz, kParts> next_;
	std::array<TimestampTz, kParts> paused_until_;
};

} // namespace vero::pg
