// Does a database's work: decides the jobs that are due, as long as there are some.
#include "pg/worker.hpp"

#include "pg/delivery.hpp"
#include "pg/jobs.hpp"
#include "pg/spi.hpp"
#include "pg/worker_slots.hpp"
#include "pg/worker_transaction.hpp"

extern "C" {
#include "commands/extension.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

constexpr int kJobsAtOnce = 1000;
/// What is due but held by somebody else is looked at again so much later.
constexpr std::int64_t kContended_us = USECS_PER_SEC;
constexpr std::int64_t kBusy_us = USECS_PER_SEC;

/// Takes away what was told until now: the worker looks for itself.
TimestampTz take_next_due()
{
	SlotsGuard guard;
	WorkerSlot *slot = guard.find(MyDatabaseId);
	return slot == nullptr ? DT_NOEND : std::exchange(slot->next_due, DT_NOEND);
}

void count_decided(std::int64_t jobs)
{
	SlotsGuard guard;
	if (WorkerSlot *slot = guard.find(MyDatabaseId)) {
		slot->jobs_decided += jobs;
		slot->failures = 0;
	}
}

} // namespace

/// False where the extension is gone, or was never there.
bool Worker::look()
{
	return in_worker_transaction("looking for work", [&] {
		if (!OidIsValid(call([] { return get_extension_oid("vero_events", true); })))
			return false;
		SpiConnection spi;
		is_bound_ = is_delivery_enabled(find_catalog());
		return true;
	});
}

void Worker::decide_batch()
{
	JobCounts counts = in_worker_transaction(
		"deciding jobs that are due", [&] { return decide_due_jobs(kJobsAtOnce, decided_until_, decided_until_); });
	count_decided(counts.decided());
	TimestampTz now = GetCurrentTimestamp();
	if (counts.decided() > 0)
		busy_until_ = now + kBusy_us;
	if (counts.decided() == kJobsAtOnce)
		return;
	decided_until_ = DT_NOBEGIN;
	std::optional<TimestampTz> next = in_worker_transaction("looking for the next job", [] { return next_job_due(); });
	next_job_ = next ? std::max(*next, now + (*next <= now ? kContended_us : 0)) : DT_NOEND;
}

Worker::Left Worker::work()
{
	next_job_ = std::min(next_job_, take_next_due());
	TimestampTz now = GetCurrentTimestamp();
	if (next_look() > now)
		return Left::waiting;
	if (!look())
		return Left::nothing;
	if (is_bound_)
		decide_batch();
	else
		next_job_ = DT_NOEND;
	return next_look() <= GetCurrentTimestamp() ? Left::something : Left::waiting;
}

void Worker::pause(TimestampTz until)
{
	paused_until_ = until;
}

TimestampTz Worker::next_look() const
{
	return std::max(next_job_, paused_until_);
}

} // namespace vero::pg
