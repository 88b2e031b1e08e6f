// Ends work inside PostgreSQL that takes too long, or too much memory.
#include "pg/base/work_limit.hpp"

#include "pg/base/boundary.hpp"

extern "C" {
#include "nodes/memnodes.h"
#include "storage/latch.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"
}

#include <csignal>

namespace vero::pg {
namespace {

/// How often is looked. Ticks are counted, not the clock's time: that may jump, and a process that was stopped did nothing.
constexpr int kTick_ms = 10;

/// The work that is watched now, and its limits.
struct {
	volatile sig_atomic_t ticks_left;
	volatile sig_atomic_t exceeded;
	MemoryContext memory;
	std::size_t bytes;
} watched;

/// Called by a signal's handler.
void look()
{
	// A cancel that is under way already is somebody else's.
	if (watched.exceeded != 0 || QueryCancelPending)
		return;
	watched.ticks_left = watched.ticks_left - 1;
	if (watched.ticks_left <= 0) {
		watched.exceeded = static_cast<int>(WorkLimit::Exceeded::time);
	} else if (watched.memory->mem_allocated > watched.bytes) {
		watched.exceeded = static_cast<int>(WorkLimit::Exceeded::memory);
	} else {
		return;
	}
	InterruptPending = true;
	QueryCancelPending = true;
	SetLatch(MyLatch);
}

/// The same for the length of the process.
TimeoutId timeout_id()
{
	static std::optional<TimeoutId> id;
	if (!id)
		id = RegisterTimeout(USER_TIMEOUT, look);
	return *id;
}

} // namespace

WorkLimit::WorkLimit(int time_ms, MemoryContext memory, std::size_t bytes, Exceeded &exceeded)
	: exceeded_(exceeded), had_statement_timeout_(get_timeout_active(STATEMENT_TIMEOUT))
{
	exceeded_ = Exceeded::none;
	int tick_ms = std::min(time_ms, kTick_ms);
	watched.ticks_left = (time_ms + tick_ms - 1) / tick_ms;
	watched.exceeded = 0;
	watched.memory = memory;
	watched.bytes = bytes;
	call([tick_ms] {
		enable_timeout_every(timeout_id(), TimestampTzPlusMilliseconds(GetCurrentTimestamp(), tick_ms), tick_ms);
	});
}

WorkLimit::~WorkLimit()
{
	disable_timeout(timeout_id(), false);
	if (watched.exceeded == 0)
		return;
	QueryCancelPending = false;
	// The statement's own timeout may have come in the same moment; it goes first.
	if (!had_statement_timeout_ || get_timeout_active(STATEMENT_TIMEOUT))
		exceeded_ = static_cast<Exceeded>(watched.exceeded);
}

bool is_from_limit(ErrorData const *error, WorkLimit::Exceeded exceeded)
{
	return exceeded != WorkLimit::Exceeded::none && error->sqlerrcode == ERRCODE_QUERY_CANCELED;
}

} // namespace vero::pg
