// A background worker's process: begins, does its database's work, waits, and ends.
#include "core/backoff.hpp"
#include "pg/worker.hpp"
#include "pg/worker_slots.hpp"
#include "pg/worker_transaction.hpp"

extern "C" {
#include "common/pg_prng.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "utils/guc.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

PGDLLEXPORT void vero_worker_main(Datum argument);
}

#include <csignal>

namespace vero::pg {

bool volatile is_in_worker_transaction = false;

namespace {

/// A worker that has nothing to do until then ends.
constexpr std::int64_t kLinger_us = 5 * USECS_PER_SEC;
constexpr Backoff kFailureBackoff{USECS_PER_SEC, 300 * USECS_PER_SEC, 2.0, 0.2};

volatile sig_atomic_t stop_requested = 0;

/// What it does is cancelled, as a statement would be, so that the process ends in order.
void request_stop(int)
{
	int saved_errno = errno;
	stop_requested = 1;
	if (is_in_worker_transaction) {
		InterruptPending = true;
		QueryCancelPending = true;
	}
	SetLatch(MyLatch);
	errno = saved_errno;
}

/// What ALTER DATABASE and ALTER ROLE may have set and the work cannot stand.
void set_own_settings()
{
	constexpr std::array<std::array<char const *, 2>, 9> kSettings{{{"search_path", "pg_catalog, pg_temp"},
																	{"default_transaction_isolation", "read committed"},
																	{"default_transaction_read_only", "off"},
																	{"session_replication_role", "origin"},
																	{"lock_timeout", "0"},
																	{"idle_in_transaction_session_timeout", "0"},
																	{"row_security", "on"},
																	{"jit", "off"},
																	{"TimeZone", "UTC"}}};
	for (auto const &[name, value] : kSettings)
		SetConfigOption(name, value, PGC_SUSET, PGC_S_OVERRIDE);
}

/// In the server's log, for vero.worker_status, and over: the next try is later, the more often it failed.
TimestampTz note_failure()
{
	ErrorData *error = CopyErrorData();
	if (!stop_requested)
		EmitErrorReport();
	FlushErrorState();
	AbortCurrentTransaction();
	is_in_worker_transaction = false;
	pgstat_report_activity(STATE_IDLE, nullptr);
	pgstat_report_stat(true);
	TimestampTz now = GetCurrentTimestamp();
	SlotsGuard guard;
	WorkerSlot *slot = guard.find(MyDatabaseId);
	if (slot == nullptr || stop_requested)
		return now;
	strlcpy(slot->last_error, error->message, sizeof slot->last_error);
	slot->failed_at = now;
	slot->retry_at = now + delay_after(++slot->failures, pg_prng_double(&pg_global_prng_state), kFailureBackoff);
	return slot->retry_at;
}

/// An error is told, and makes the worker pause. Owns nothing: errors jump to here.
Worker::Left work_or_pause(Worker &worker)
{
	volatile Worker::Left left = Worker::Left::waiting;
	MemoryContext context = CurrentMemoryContext;
	PG_TRY();
	{
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending) {
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
		}
		left = enter([&] { return worker.work(); });
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		worker.pause(note_failure());
	}
	PG_END_TRY();
	return left;
}

void wait_until(TimestampTz time)
{
	long timeout_ms = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), time);
	(void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, timeout_ms, PG_WAIT_EXTENSION);
}

/// True where the worker gave back its slot.
bool leave_or_wait(Worker const &worker)
{
	TimestampTz busy_until = worker.busy_until();
	TimestampTz now = GetCurrentTimestamp();
	bool is_busy = now < busy_until;
	if (!is_busy && detach_idle_worker(MyDatabaseId, worker.next_look(), now + kLinger_us))
		return true;
	wait_until(is_busy ? std::min(worker.next_look(), busy_until) : worker.next_look());
	return false;
}

void run()
{
	Worker worker;
	while (!stop_requested) {
		Worker::Left left = work_or_pause(worker);
		if (left == Worker::Left::nothing || (left == Worker::Left::waiting && leave_or_wait(worker)))
			return;
	}
}

void detach(int, Datum database)
{
	detach_worker(DatumGetObjectId(database));
}

} // namespace
} // namespace vero::pg

using namespace vero::pg;

void vero_worker_main(Datum argument)
{
	pqsignal(SIGTERM, request_stop);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();
	Oid database = DatumGetObjectId(argument);
	before_shmem_exit(detach, argument);
	if (!attach_worker(database))
		proc_exit(0);
	BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
	pgstat_report_appname(MyBgworkerEntry->bgw_name);
	set_own_settings();
	run();
	proc_exit(0);
}
