// What sessions, the launcher and the workers tell each other, in shared memory: a slot for each database.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "datatype/timestamp.h"
#include "storage/latch.h"
}

namespace vero::pg {

constexpr int kMaxSlots = 1000; ///< databases of a server that can be served

/// One database. Gone with the server: after a start the launcher has a worker look into each.
struct WorkerSlot {
	Oid database; ///< InvalidOid: the slot is free
	/// When there is work for a worker; DT_NOEND: none is known of. A worker takes it away before it looks for itself, so that
	/// nothing that is told meanwhile gets lost.
	TimestampTz next_due;
	TimestampTz retry_at;	///< after failures no worker is started before
	int failures;			///< of its workers, without a success between them
	int holds;				///< sessions that want no worker there now
	bool is_starting;		///< a worker is asked for, but not there yet
	pid_t pid;				///< of its worker; 0: none
	Latch *latch;			///< of its worker
	TimestampTz started_at; ///< of its last worker; 0: it had none
	TimestampTz failed_at;	///< of last_error; DT_NOBEGIN: never
	std::int64_t jobs_decided;
	std::int64_t messages_sent;
	char last_error[256];
};

/// Called once, when the library is loaded with the server: asks for the memory.
void install_worker_slots();

/// False where the library was not loaded with the server: nobody is to be told anything.
bool has_worker_slots();

/// Holds all slots for the length of a scope, in which nothing may raise an error. Needs has_worker_slots().
class SlotsGuard {
public:
	SlotsGuard();
	SlotsGuard(SlotsGuard const &) = delete;
	SlotsGuard &operator=(SlotsGuard const &) = delete;
	~SlotsGuard();

	std::span<WorkerSlot> slots();
	/// The slot of this database; null where it has none.
	WorkerSlot *find(Oid database);
	/// The slot of this database, a free one if it had none; null where all are taken.
	WorkerSlot *find_or_add(Oid database);
	/// Says where the launcher is woken: it calls this once it is there.
	void set_launcher(Latch *latch);
	void wake_launcher();
};

/// There is work in the database at that time: tells its worker, or the launcher. May be called anywhere, in a transaction's callbacks
/// too; does nothing without has_worker_slots().
void note_work(Oid database, TimestampTz due) noexcept;

/// A worker's part: takes the slot of its database; false where another worker has it, or `allowed` run already, or none is wanted.
bool attach_worker(Oid database, int allowed);
/// Gives it back, if it still has it, and tells who waits for that. `next_due`: when another worker is to look, DT_NOEND where there is no
/// need.
void detach_worker(Oid database, TimestampTz next_due) noexcept;
/// Gives it back unless there is work until `until`. `next_due`: what the worker knows of, DT_NOEND for nothing.
bool detach_idle_worker(Oid database, TimestampTz next_due, TimestampTz until);

/// Asks those that are more than `allowed` to go, the latest first. They end what they do as a cancel ends it.
void stop_surplus_workers(int allowed);
/// A clock that only ever goes on.
std::int64_t steady_us();
/// The clock was set: looks into every database, and forgets what was to be waited for.
void look_everywhere();

/// Keeps workers out of a database, and waits until its worker is gone: half a minute at most. Raises what CHECK_FOR_INTERRUPTS()
/// raises, with the hold in place.
void hold_database(Oid database);
void release_database(Oid database, bool is_dropped) noexcept;

} // namespace vero::pg
