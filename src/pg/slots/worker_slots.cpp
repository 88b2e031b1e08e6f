// What sessions, the launcher and the workers tell each other, in shared memory: a slot for each database.
#include "pg/slots/worker_slots.hpp"

extern "C" {
#include "storage/condition_variable.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"
}

#include <chrono>
#include <csignal>

namespace vero::pg {
namespace {

constexpr char const *kName = "vero_events workers";
constexpr long kLongestHoldWait_ms = 30'000;

struct SharedState {
	LWLock *lock;
	Latch *launcher;
	ConditionVariable worker_gone;
	WorkerSlot slots[kMaxSlots];
};

SharedState *shared;
shmem_request_hook_type next_request_hook;
shmem_startup_hook_type next_startup_hook;

void request_memory(void)
{
	if (next_request_hook != nullptr)
		next_request_hook();
	RequestAddinShmemSpace(sizeof(SharedState));
	RequestNamedLWLockTranche(kName, 1);
}

void free_slot(WorkerSlot &slot)
{
	slot = WorkerSlot{};
	slot.next_due = DT_NOEND;
	slot.retry_at = slot.failed_at = DT_NOBEGIN;
}

void start_memory(void)
{
	if (next_startup_hook != nullptr)
		next_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	bool is_there;
	shared = static_cast<SharedState *>(ShmemInitStruct(kName, sizeof(SharedState), &is_there));
	if (!is_there) {
		shared->lock = &GetNamedLWLockTranche(kName)->lock;
		shared->launcher = nullptr;
		ConditionVariableInit(&shared->worker_gone);
		for (WorkerSlot &slot : shared->slots)
			free_slot(slot);
	}
	LWLockRelease(AddinShmemInitLock);
}

void clear_worker(WorkerSlot &slot)
{
	slot.pid = 0;
	slot.latch = nullptr;
}

/// Asks the worker of a database that is held to go; 0: there is none.
pid_t stop_worker(Oid database, pid_t asked)
{
	SlotsGuard guard;
	WorkerSlot *slot = guard.find(database);
	pid_t pid = slot != nullptr ? slot->pid : 0;
	if (pid != 0 && pid != asked)
		kill(pid, SIGTERM);
	return pid;
}

} // namespace

void install_worker_slots()
{
	next_request_hook = shmem_request_hook;
	shmem_request_hook = request_memory;
	next_startup_hook = shmem_startup_hook;
	shmem_startup_hook = start_memory;
}

bool has_worker_slots()
{
	return shared != nullptr;
}

SlotsGuard::SlotsGuard()
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
}

SlotsGuard::~SlotsGuard()
{
	LWLockRelease(shared->lock);
}

std::span<WorkerSlot> SlotsGuard::slots()
{
	return shared->slots;
}

WorkerSlot *SlotsGuard::find(Oid database)
{
	for (WorkerSlot &slot : shared->slots) {
		if (slot.database == database)
			return &slot;
	}
	return nullptr;
}

WorkerSlot *SlotsGuard::find_or_add(Oid database)
{
	if (WorkerSlot *slot = find(database))
		return slot;
	WorkerSlot *slot = find(InvalidOid);
	if (slot != nullptr) {
		free_slot(*slot);
		slot->database = database;
	}
	return slot;
}

void SlotsGuard::set_launcher(Latch *latch)
{
	shared->launcher = latch;
}

void SlotsGuard::wake_launcher()
{
	if (shared->launcher != nullptr)
		SetLatch(shared->launcher);
}

void note_work(Oid database, TimestampTz due) noexcept
{
	if (!has_worker_slots())
		return;
	SlotsGuard guard;
	WorkerSlot *slot = guard.find_or_add(database);
	if (slot == nullptr || due >= slot->next_due)
		return;
	slot->next_due = due;
	if (slot->latch != nullptr) {
		SetLatch(slot->latch);
	} else {
		guard.wake_launcher();
	}
}

bool attach_worker(Oid database, int allowed)
{
	SlotsGuard guard;
	auto running = std::count_if(std::begin(shared->slots), std::end(shared->slots),
								 [](WorkerSlot const &slot) { return slot.pid != 0; });
	WorkerSlot *slot = guard.find(database);
	if (slot == nullptr)
		return false;
	slot->is_starting = false;
	if (slot->holds > 0 || slot->pid != 0 || running >= allowed)
		return false;
	slot->pid = MyProcPid;
	slot->latch = MyLatch;
	slot->started_at = GetCurrentTimestamp();
	return true;
}

void detach_worker(Oid database, TimestampTz next_due) noexcept
{
	{
		SlotsGuard guard;
		WorkerSlot *slot = guard.find(database);
		if (slot == nullptr || slot->pid != MyProcPid)
			return;
		slot->next_due = std::min(slot->next_due, next_due);
		clear_worker(*slot);
		guard.wake_launcher();
	}
	ConditionVariableBroadcast(&shared->worker_gone);
}

bool detach_idle_worker(Oid database, TimestampTz next_due, TimestampTz until)
{
	{
		SlotsGuard guard;
		WorkerSlot *slot = guard.find(database);
		slot->next_due = std::min(slot->next_due, next_due);
		if (slot->next_due <= until && slot->holds == 0)
			return false;
	}
	detach_worker(database, next_due);
	return true;
}

void stop_surplus_workers(int allowed)
{
	if (allowed >= kMaxSlots)
		return;
	SlotsGuard guard;
	std::array<WorkerSlot const *, kMaxSlots> running;
	std::size_t count = 0;
	for (WorkerSlot const &slot : shared->slots) {
		if (slot.pid != 0)
			running[count++] = &slot;
	}
	std::sort(running.begin(), running.begin() + count,
			  [](WorkerSlot const *a, WorkerSlot const *b) { return a->started_at < b->started_at; });
	for (auto i = static_cast<std::size_t>(allowed); i < count; i++)
		kill(running[i]->pid, SIGTERM);
}

std::int64_t steady_us()
{
	return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
		.count();
}

void look_everywhere()
{
	SlotsGuard guard;
	for (WorkerSlot &slot : shared->slots) {
		slot.retry_at = DT_NOBEGIN;
		if (OidIsValid(slot.database))
			slot.next_due = DT_NOBEGIN;
	}
}

void hold_database(Oid database)
{
	{
		SlotsGuard guard;
		WorkerSlot *slot = guard.find_or_add(database);
		if (slot == nullptr)
			return;
		slot->holds++;
	}
	TimestampTz give_up_at = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), kLongestHoldWait_ms);
	ConditionVariablePrepareToSleep(&shared->worker_gone);
	for (pid_t asked = 0; (asked = stop_worker(database, asked)) != 0;) {
		if (ConditionVariableTimedSleep(&shared->worker_gone, 1000, PG_WAIT_EXTENSION) &&
			GetCurrentTimestamp() >= give_up_at)
			break;
	}
	ConditionVariableCancelSleep();
}

void release_database(Oid database, bool is_dropped) noexcept
{
	SlotsGuard guard;
	WorkerSlot *slot = guard.find(database);
	if (slot == nullptr || slot->holds == 0)
		return;
	slot->holds--;
	bool was_ever_used = slot->started_at != 0 || slot->next_due != DT_NOEND;
	if (slot->holds == 0 && (is_dropped || !was_ever_used))
		free_slot(*slot);
	guard.wake_launcher();
}

} // namespace vero::pg
