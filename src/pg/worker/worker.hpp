// A worker: its transactions, and the work that it does for a database (lost imports, jobs that are due, mail, what is old).
#pragma once

#include "core/time/clock_watch.hpp"
#include "pg/base/boundary.hpp"
#include "pg/campaigns/decide_jobs.hpp"
#include "pg/campaigns/deciding_mark.hpp"
#include "pg/journal/journal_file.hpp"
#include "pg/sending/delivery.hpp"

extern "C" {
#include "access/xact.h"
#include "pgstat.h"
#include "utils/snapmgr.h"
}

namespace vero::pg {

/// True while the worker is in a transaction: then a request to stop cancels what it does.
extern bool volatile is_in_worker_transaction;

/// Where the extension is installed: the worker, which began as the bootstrap role, is from here on no more than the owner of the
/// tables, until leave_owner() or the abort of the transaction. As for a UserSwitch, whatever is done is a security-restricted operation.
/// Throws Error.
void become_owner();
void leave_owner() noexcept;

/// Runs `work` in a transaction of its own, which is the owner's also while it commits, so that what is deferred to its end is not done
/// as anybody else; `activity` is what pg_stat_activity shows meanwhile. An exception leaves the transaction to whoever ends it.
template <class Work> std::invoke_result_t<Work> in_worker_transaction(char const *activity, Work &&work)
{
	call([activity] {
		is_in_worker_transaction = true;
		SetCurrentStatementStartTimestamp();
		StartTransactionCommand();
		PushActiveSnapshot(GetTransactionSnapshot());
		pgstat_report_activity(STATE_RUNNING, activity);
	});
	become_owner();
	auto commit = [] {
		call([] {
			PopActiveSnapshot();
			CommitTransactionCommand();
			leave_owner();
			is_in_worker_transaction = false;
			pgstat_report_stat(false);
			pgstat_report_activity(STATE_IDLE, nullptr);
		});
	};
	if constexpr (std::is_void_v<std::invoke_result_t<Work>>) {
		work();
		commit();
	} else {
		auto result = work();
		commit();
		return result;
	}
}

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
	enum Part : unsigned char { kLooking, kRecording, kDeciding, kSending, kRemoving, kParts };

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
	Part part_ = kLooking;
	std::array<TimestampTz, kParts> next_;
	std::array<TimestampTz, kParts> paused_until_;
};

} // namespace vero::pg
