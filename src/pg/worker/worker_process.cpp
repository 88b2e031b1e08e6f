// A background worker's process: begins, does its database's work, waits, and ends.
#include "core/time/backoff.hpp"
#include "pg/base/settings.hpp"
#include "pg/slots/wakeup.hpp"
#include "pg/slots/worker_slots.hpp"
#include "pg/sql/citus_node.hpp"
#include "pg/sql/own_objects.hpp"
#include "pg/worker/worker.hpp"

extern "C" {
#include "common/pg_prng.h"
#include "mb/pg_wchar.h"
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

void become_owner()
{
	if (OidIsValid(call(find_extension)) && !call(is_worker_node))
		SetUserIdAndSecContext(find_catalog().owner, SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
}

void leave_owner() noexcept
{
	SetUserIdAndSecContext(GetSessionUserId(), 0);
}

namespace {

/// A worker that has nothing to do until then ends.
constexpr std::int64_t kLinger_us = 5 * USECS_PER_SEC;
constexpr Backoff kFailureBackoff{USECS_PER_SEC, 300 * USECS_PER_SEC, 2.0, 0.2};

volatile sig_atomic_t stop_requested = 0;

/// What it does is cancelled, as a statement would be, so that the process ends in order.
void request_stop()
{
	int saved_errno = errno;
	if (is_in_worker_transaction && !stop_requested) {
		InterruptPending = true;
		QueryCancelPending = true;
	}
	stop_requested = 1;
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

/// The next try is later, the more often it failed.
TimestampTz delay_retry(WorkerSlot &slot)
{
	std::int64_t delay_us = delay_after(++slot.failures, pg_prng_double(&pg_global_prng_state), kFailureBackoff);
	slot.retry_at = GetCurrentTimestamp() + delay_us;
	return slot.retry_at;
}

/// In the server's log, for vero.worker_status, and over. Says when to try again.
TimestampTz note_failure(ErrorData const *error)
{
	if (!stop_requested)
		EmitErrorReport();
	FlushErrorState();
	AbortOutOfAnyTransaction(); // also out of subtransactions
	is_in_worker_transaction = false;
	pgstat_report_activity(STATE_IDLE, nullptr);
	pgstat_report_stat(true);
	TimestampTz now = GetCurrentTimestamp();
	SlotsGuard guard;
	WorkerSlot *slot = guard.find(MyDatabaseId);
	if (slot == nullptr || stop_requested)
		return now;
	// In whole characters: it is read as text.
	auto length = static_cast<int>(strlen(error->message));
	length = pg_mbcliplen(error->message, length, sizeof slot->last_error - 1);
	strlcpy(slot->last_error, error->message, static_cast<std::size_t>(length) + 1);
	slot->failed_at = now;
	return delay_retry(*slot);
}

/// Runs a step of the work. An error is told, and makes the worker pause. Owns nothing: errors jump to here.
template <class Step> void try_step(Worker &worker, Step &&step)
{
	MemoryContext context = CurrentMemoryContext;
	PG_TRY();
	{
		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending) {
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
			note_work(MyDatabaseId, GetCurrentTimestamp());
		}
		enter(step);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		ErrorData *error = CopyErrorData();
		TimestampTz until = note_failure(error);
		enter([&] { worker.fail(*error, until); });
		FreeErrorData(error);
	}
	PG_END_TRY();
}

/// True where the worker gave back its slot: it has nothing to do for a while.
bool leave(Worker const &worker)
{
	return !worker.is_needed() &&
		   detach_idle_worker(MyDatabaseId, worker.next_look(), GetCurrentTimestamp() + kLinger_us);
}

void run()
{
	Worker worker;
	while (!stop_requested) {
		Worker::Left left = Worker::Left::waiting;
		try_step(worker, [&] { left = worker.work(); });
		if (left == Worker::Left::nothing)
			return detach_worker(MyDatabaseId, DT_NOEND);
		if (left == Worker::Left::waiting && leave(worker))
			return;
		if (left == Worker::Left::waiting && !stop_requested)
			try_step(worker, [&] { worker.wait(); });
	}
	QueryCancelPending = false;
	try_step(worker, [&] { worker.stop(); });
}

/// It ends without having left: it was told to, or it failed. Another one goes on with the work.
void detach(int, Datum argument)
{
	Oid database = DatumGetObjectId(argument);
	if (!stop_requested) {
		SlotsGuard guard;
		WorkerSlot *slot = guard.find(database);
		if (slot != nullptr && slot->pid == MyProcPid)
			(void)delay_retry(*slot);
	}
	detach_worker(database, GetCurrentTimestamp());
}

} // namespace
} // namespace vero::pg

using namespace vero::pg;

void vero_worker_main(Datum argument)
{
	pqsignal(SIGTERM, [](auto...) { request_stop(); });
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();
	Oid database = DatumGetObjectId(argument);
	before_shmem_exit(detach, argument);
	if (!attach_worker(database, max_workers()))
		proc_exit(0);
	BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
	pgstat_report_appname(MyBgworkerEntry->bgw_name);
	set_own_settings();
	ignore_own_wakeups();
	run();
	proc_exit(0);
}
