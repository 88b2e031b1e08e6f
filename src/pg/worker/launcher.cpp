// Starts a worker in each database where there is work, when there is.
#include "pg/worker/launcher.hpp"

#include "core/time/backoff.hpp"
#include "core/time/clock_watch.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/settings.hpp"
#include "pg/base/timestamp.hpp"
#include "pg/lost/lost_imports.hpp"
#include "pg/slots/worker_slots.hpp"
#include "pg/worker/databases.hpp"

extern "C" {
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

PGDLLEXPORT void vero_launcher_main(Datum argument);
}

namespace vero::pg {
namespace {

constexpr char const *kLibrary = "vero_events";
constexpr std::int64_t kScanInterval_us = 60 * USECS_PER_SEC;
/// When no slot of max_worker_processes is free.
constexpr Backoff kRegistrationBackoff{USECS_PER_SEC, 60 * USECS_PER_SEC, 2.0, 0.0};

void describe_worker(BackgroundWorker &worker, char const *function, int restart_time)
{
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = restart_time;
	strlcpy(worker.bgw_library_name, kLibrary, sizeof worker.bgw_library_name);
	strlcpy(worker.bgw_function_name, function, sizeof worker.bgw_function_name);
}

class Launcher {
public:
	[[noreturn]] void run();

private:
	void note_databases();
	void forget_ended_workers();
	void start_workers();
	std::vector<Oid> choose(TimestampTz now);
	bool start_worker(Oid database);
	void note_registration(bool has_room);
	TimestampTz next_look();

	struct Started {
		Oid database;
		BackgroundWorkerHandle *handle;
	};
	std::vector<Started> started_;
	TimestampTz scan_at_ = DT_NOBEGIN;
	TimestampTz register_at_ = DT_NOBEGIN; ///< not before: there was no room
	int registrations_failed_ = 0;		   ///< without a success between them
	bool has_told_of_slots_ = false;
	ClockWatch clock_;
};

/// Databases that are new get a worker that looks into them; those that are gone leave their slots.
void Launcher::note_databases()
{
	std::vector<Database> databases = find_databases();
	bool is_full = false;
	{
		SlotsGuard guard;
		for (WorkerSlot &slot : guard.slots()) {
			if (slot.pid == 0 && slot.holds == 0 && !slot.is_starting && !exists(databases, slot.database))
				slot.database = InvalidOid;
		}
		for (Database const &database : databases) {
			if (!database.is_served || guard.find(database.oid) != nullptr)
				continue;
			WorkerSlot *slot = guard.find_or_add(database.oid);
			is_full |= slot == nullptr;
			if (slot != nullptr)
				slot->next_due = DT_NOBEGIN;
		}
	}
	for (Oid database : databases_with_lost_imports()) {
		if (!exists(databases, database))
			forget_lost_imports(database);
	}
	if (is_full && !has_told_of_slots_)
		call([] { ereport(LOG, (errmsg("vero_events serves %d databases: there are more", kMaxSlots))); });
	has_told_of_slots_ = is_full;
}

/// One that ended before it took its slot is not waited for.
void Launcher::forget_ended_workers()
{
	std::erase_if(started_, [](Started const &started) {
		pid_t pid;
		if (call([&] { return GetBackgroundWorkerPid(started.handle, &pid); }) != BGWH_STOPPED)
			return false;
		pfree(started.handle);
		SlotsGuard guard;
		if (WorkerSlot *slot = guard.find(started.database))
			slot->is_starting = false;
		return true;
	});
}

/// Those that are due and that nothing keeps from a worker, the longest due first, as many as may run.
std::vector<Oid> Launcher::choose(TimestampTz now)
{
	std::vector<std::pair<TimestampTz, Oid>> due;
	int running = 0;
	{
		SlotsGuard guard;
		for (WorkerSlot const &slot : guard.slots()) {
			if (slot.pid != 0 || slot.is_starting) {
				running++;
			} else if (OidIsValid(slot.database) && slot.holds == 0 && slot.next_due <= now && slot.retry_at <= now) {
				due.emplace_back(slot.next_due, slot.database);
			}
		}
	}
	std::sort(due.begin(), due.end());
	std::vector<Oid> chosen;
	for (auto const &[since, database] : due) {
		if (running++ < max_workers())
			chosen.push_back(database);
	}
	return chosen;
}

/// Leaves word for vero.worker_status that no worker could be started.
void note_no_room(Oid database)
{
	SlotsGuard guard;
	WorkerSlot *slot = guard.find(database);
	if (slot == nullptr)
		return;
	slot->is_starting = false;
	strlcpy(slot->last_error, "no worker can be started: all max_worker_processes are in use", sizeof slot->last_error);
	slot->failed_at = GetCurrentTimestamp();
}

bool Launcher::start_worker(Oid database)
{
	{
		SlotsGuard guard;
		WorkerSlot *slot = guard.find(database);
		if (slot == nullptr || slot->holds > 0 || slot->pid != 0)
			return true;
		slot->is_starting = true;
	}
	BackgroundWorkerHandle *handle = nullptr;
	bool is_registered = call([&] {
		BackgroundWorker worker = {};
		describe_worker(worker, "vero_worker_main", BGW_NEVER_RESTART);
		snprintf(worker.bgw_name, sizeof worker.bgw_name, "vero_events worker for database %u", database);
		strlcpy(worker.bgw_type, "vero_events worker", sizeof worker.bgw_type);
		worker.bgw_main_arg = ObjectIdGetDatum(database);
		worker.bgw_notify_pid = MyProcPid;
		MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
		bool is_taken = RegisterDynamicBackgroundWorker(&worker, &handle);
		MemoryContextSwitchTo(caller);
		return is_taken;
	});
	if (is_registered) {
		started_.push_back({database, handle});
		return true;
	}
	note_no_room(database);
	return false;
}

/// Says so once when the server's background workers run out, and once when they do not any more.
void Launcher::note_registration(bool has_room)
{
	if (has_room && registrations_failed_ > 0)
		call([] { ereport(LOG, (errmsg("vero_events can start workers again"))); });
	if (!has_room && registrations_failed_ == 0) {
		call([] {
			ereport(LOG, (errmsg("vero_events cannot start a worker: no background worker slot is free"),
						  errhint("Consider increasing the configuration parameter \"max_worker_processes\".")));
		});
	}
	registrations_failed_ = has_room ? 0 : registrations_failed_ + 1;
	register_at_ =
		has_room ? DT_NOBEGIN : GetCurrentTimestamp() + delay_after(registrations_failed_, 0.5, kRegistrationBackoff);
}

void Launcher::start_workers()
{
	TimestampTz now = GetCurrentTimestamp();
	if (now < register_at_)
		return;
	for (Oid database : choose(now)) {
		bool has_room = start_worker(database);
		note_registration(has_room);
		if (!has_room)
			return;
	}
}

TimestampTz Launcher::next_look()
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz next = DT_NOEND;
	int running = 0;
	SlotsGuard guard;
	for (WorkerSlot const &slot : guard.slots()) {
		if (slot.pid != 0 || slot.is_starting) {
			running++;
		} else if (OidIsValid(slot.database) && slot.holds == 0) {
			next = std::min(next, std::max(slot.next_due, slot.retry_at));
		}
	}
	if (next <= now && running >= max_workers())
		next = DT_NOEND; // a worker that ends wakes us
	return std::min(std::max(next, register_at_), scan_at_);
}

void Launcher::run()
{
	{
		SlotsGuard guard;
		guard.set_launcher(MyLatch);
		for (WorkerSlot &slot : guard.slots())
			slot.is_starting = false;
	}
	for (;;) {
		call([] {
			ResetLatch(MyLatch);
			CHECK_FOR_INTERRUPTS();
			if (ConfigReloadPending) {
				ConfigReloadPending = false;
				ProcessConfigFile(PGC_SIGHUP);
			}
		});
		if (clock_.has_jumped(GetCurrentTimestamp(), steady_us())) {
			register_at_ = scan_at_ = DT_NOBEGIN;
			look_everywhere();
		}
		stop_surplus_workers(max_workers());
		forget_ended_workers();
		if (GetCurrentTimestamp() >= scan_at_) {
			note_databases();
			scan_at_ = GetCurrentTimestamp() + kScanInterval_us;
		}
		start_workers();
		long timeout_ms = milliseconds_until(next_look());
		call([timeout_ms] {
			(void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, timeout_ms, PG_WAIT_EXTENSION);
		});
	}
}

void forget_launcher(int, Datum)
{
	SlotsGuard guard;
	guard.set_launcher(nullptr);
}

} // namespace

void register_launcher()
{
	BackgroundWorker launcher = {};
	describe_worker(launcher, "vero_launcher_main", 1);
	strlcpy(launcher.bgw_name, "vero_events launcher", sizeof launcher.bgw_name);
	strlcpy(launcher.bgw_type, "vero_events launcher", sizeof launcher.bgw_type);
	RegisterBackgroundWorker(&launcher);
}

} // namespace vero::pg

using namespace vero::pg;

void vero_launcher_main(Datum)
{
	pqsignal(SIGTERM, die);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	before_shmem_exit(forget_launcher, 0);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(nullptr, nullptr, 0);
	pgstat_report_appname(MyBgworkerEntry->bgw_name);
	pgstat_report_activity(STATE_IDLE, nullptr);
	enter([] {
		Launcher launcher;
		launcher.run();
	});
}
