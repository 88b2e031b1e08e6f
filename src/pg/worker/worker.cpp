// A worker: its transactions, and the work that it does for a database (lost imports, jobs that are due, mail, what is old).
#include "pg/worker/worker.hpp"

#include "pg/base/subtransaction.hpp"
#include "pg/base/timestamp.hpp"
#include "pg/campaigns/decide_jobs.hpp"
#include "pg/lost/lost_imports.hpp"
#include "pg/outbox/delivery_right.hpp"
#include "pg/outbox/retention.hpp"
#include "pg/slots/worker_slots.hpp"
#include "pg/sql/citus_node.hpp"
#include "pg/sql/own_objects.hpp"
#include "pg/sql/spi.hpp"

extern "C" {
#include "storage/latch.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"
}

namespace vero::pg {
namespace {

constexpr int kJobsAtOnce = 1000;
/// What is due but held by somebody else is looked at again so much later.
constexpr std::int64_t kContended_us = USECS_PER_SEC;
/// So long it stays for more of the same.
constexpr std::int64_t kBusy_us = USECS_PER_SEC;
constexpr std::int64_t kRemoveEvery_us = USECS_PER_HOUR;
constexpr std::chrono::milliseconds kStopGrace{3000};

void send_in_transaction(std::function<void()> const &work)
{
	in_worker_transaction("recording and taking up mail", work);
}

/// When the next work is due that others have told the worker of.
TimestampTz next_told()
{
	SlotsGuard guard;
	WorkerSlot *slot = guard.find(MyDatabaseId);
	return slot == nullptr ? DT_NOEND : slot->next_due;
}

/// The same, and away with it: the worker looks for itself.
TimestampTz take_next_told()
{
	SlotsGuard guard;
	WorkerSlot *slot = guard.find(MyDatabaseId);
	return slot == nullptr ? DT_NOEND : std::exchange(slot->next_due, DT_NOEND);
}

void count(std::int64_t jobs_decided, std::int64_t messages_sent)
{
	SlotsGuard guard;
	if (WorkerSlot *slot = guard.find(MyDatabaseId)) {
		slot->jobs_decided += jobs_decided;
		slot->messages_sent += messages_sent;
		slot->failures = 0;
	}
}

bool is_bound()
{
	SpiConnection spi;
	return is_delivery_enabled(find_catalog());
}

void wait_for_latch(TimestampTz until)
{
	long wait_ms = milliseconds_until(until);
	call([wait_ms] {
		(void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, wait_ms, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	});
}

} // namespace

Worker::Worker() : mail_(send_in_transaction, Delivery::Audience::log)
{
	next_.fill(DT_NOBEGIN);
	paused_until_.fill(DT_NOBEGIN);
}

bool Worker::is_due(Part part, TimestampTz now) const
{
	return due(part) <= now;
}

void Worker::note_busy()
{
	busy_until_ = GetCurrentTimestamp() + kBusy_us;
}

/// There are new messages: what the worker writes itself wakes nobody.
void Worker::look_for_mail()
{
	next_[kSending] = DT_NOBEGIN;
	mail_.look_again();
}

/// Something was told. False where the extension is gone, was never there, or is a Citus coordinator's business; where it came anew, another worker begins from the start.
bool Worker::look()
{
	part_ = kLooking;
	next_[kLooking] = DT_NOEND;
	Oid extension = in_worker_transaction("looking for work", [&] {
		Oid found = call([] { return is_worker_node() ? InvalidOid : find_extension(); });
		if (OidIsValid(found))
			is_bound_ = is_bound();
		return found;
	});
	if (extension_ == InvalidOid)
		extension_ = extension;
	if (extension != extension_)
		note_work(MyDatabaseId, GetCurrentTimestamp());
	if (!OidIsValid(extension)) {
		forget_lost_imports(MyDatabaseId);
		forget_deciding_mark(MyDatabaseId);
	}
	if (!OidIsValid(extension) || extension != extension_)
		return false;
	next_[kRecording] = DT_NOBEGIN;
	next_[kDeciding] = is_bound_ ? DT_NOBEGIN : DT_NOEND;
	look_for_mail();
	return true;
}

/// Each file in a transaction of its own, so that one that fails, also when it is committed, does not hold up the others.
void Worker::record()
{
	part_ = kRecording;
	for (JournalFileName const &name : lost_import_files()) {
		recorded_ = name;
		if (in_worker_transaction("recording failed imports", [&] { return record_lost_file(name); }) > 0) {
			note_busy();
			look_for_mail();
		}
	}
	recorded_.reset();
	next_[kRecording] = DT_NOEND;
}

void Worker::decide()
{
	part_ = kDeciding;
	if (mark_.undecided()) {
		in_worker_transaction("counting a job that was not decided", [this] { count_undecided(*mark_.undecided()); });
		mark_.note_counted();
	}
	int at_once = mark_.at_once(kJobsAtOnce);
	JobCounts counts = in_worker_transaction("deciding jobs that are due", [&] {
		is_bound_ = is_bound();
		return is_bound_ ? decide_due_jobs(at_once, decided_until_, decided_until_,
										   [this](std::vector<DueJob> const &jobs) { mark_.begin(jobs); })
						 : JobCounts();
	});
	mark_.end();
	count(counts.decided(), 0);
	if (counts.decided() > 0)
		note_busy();
	if (counts.queued > 0)
		look_for_mail();
	if (counts.decided() == at_once || counts.are_more_left)
		return;
	decided_until_ = {};
	if (!is_bound_) {
		next_[kDeciding] = DT_NOEND;
		return;
	}
	TimestampTz now = GetCurrentTimestamp();
	std::optional<TimestampTz> next = in_worker_transaction("looking for the next job", [] { return next_job_due(); });
	next_[kDeciding] = next ? std::max(*next, now + (*next <= now ? kContended_us : 0)) : DT_NOEND;
}

void Worker::send()
{
	part_ = kSending;
	if (!is_mail_begun_)
		mail_.begin();
	is_mail_begun_ = true;
	mail_.run();
	next_[kSending] = mail_.next_due().value_or(DT_NOEND);
	std::int64_t sent = mail_.counts().sent;
	if (sent == sent_)
		return;
	count(0, sent - sent_);
	sent_ = sent;
	note_busy();
}

void Worker::remove()
{
	part_ = kRemoving;
	bool may_be_more = (kept_messages() || kept_rejects()) &&
					   in_worker_transaction("removing what is old", [] { return remove_some_old(); });
	TimestampTz now = GetCurrentTimestamp();
	next_[kRemoving] = may_be_more ? now : kept_messages() || kept_rejects() ? now + kRemoveEvery_us : DT_NOEND;
}

void Worker::look_at_clock()
{
	if (!clock_.has_jumped(GetCurrentTimestamp(), steady_us()))
		return;
	next_.fill(DT_NOBEGIN);
	paused_until_.fill(DT_NOBEGIN);
	mail_.forget_times();
	note_busy(); // till then at the most
}

Worker::Left Worker::work()
{
	look_at_clock();
	next_[kLooking] = std::min(next_[kLooking], take_next_told());
	TimestampTz now = GetCurrentTimestamp();
	if (is_due(kLooking, now) && !look())
		return Left::nothing;
	if (is_due(kRecording, now))
		record();
	if (is_due(kDeciding, now))
		decide();
	if ((mail_.is_busy() && paused_until_[kSending] <= now) || is_due(kSending, now))
		send();
	if (is_due(kRemoving, now))
		remove();
	return next_look() <= GetCurrentTimestamp() ? Left::something : Left::waiting;
}

void Worker::fail(ErrorData const &error, TimestampTz until)
{
	if (part_ == kDeciding) {
		decided_until_ = {};
		if (is_own_error(&error) || error.sqlerrcode == ERRCODE_QUERY_CANCELED) {
			mark_.fail(error.message);
		} else {
			mark_.end(); // it is the server's fault
		}
	}
	if (part_ == kRecording && recorded_ && is_own_error(&error)) {
		set_lost_file_aside(*recorded_, error.message);
		until = GetCurrentTimestamp(); // on to the next one
	}
	paused_until_[part_] = until;
	next_[part_] = std::min(next_[part_], until);
}

TimestampTz Worker::next_look() const
{
	return std::min({due(kLooking), due(kRecording), due(kDeciding), due(kSending), due(kRemoving)});
}

bool Worker::is_needed() const
{
	return mail_.is_busy() || mail_.is_paused() || GetCurrentTimestamp() < busy_until_;
}

void Worker::wait()
{
	// The latch may have been set, and reset by a wait for a lock: what was told is in the slot.
	TimestampTz next = std::min(next_look(), next_told());
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz until = now < busy_until_ ? std::min(next, busy_until_) : next;
	if (paused_until_[kSending] > now) {
		wait_for_latch(until); // what its connections say is not listened to meanwhile
	} else if (wait_for_mail(mail_, until)) {
		next_[kSending] = DT_NOBEGIN; // be it that a server closes connections that are idle
	}
}

void Worker::stop()
{
	part_ = kSending;
	if (is_mail_begun_)
		mail_.stop(kStopGrace);
	count(0, mail_.counts().sent - sent_);
}

} // namespace vero::pg
