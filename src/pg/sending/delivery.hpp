// Delivery of the outbox, step by step: messages are taken up, sent with no transaction open, and recorded.
#pragma once

#include "pg/outbox/mail_queue.hpp"
#include "pg/sending/mailer.hpp"
#include "pg/sending/sender_lock.hpp"
#include "pg/sending/verdict.hpp"

#include <deque>
#include <functional>
#include <limits>
#include <unordered_map>

namespace vero::pg {

struct MailCounts {
	std::int64_t sent = 0;
	std::int64_t failed = 0;
	std::int64_t retried = 0; ///< queued again after an attempt
};

/// Driven by a loop that waits for its latch and descriptor(), outside any transaction. Nothing here waits but stop().
class Delivery {
public:
	/// Runs `work` in a transaction of its own that is committed before it returns. Throws what work throws.
	using InTransaction = std::function<void(std::function<void()> const &work)>;
	using Audience = ServerHealth::Audience;

	/// `limit`: how many messages are taken up at most.
	Delivery(InTransaction in_transaction, Audience audience,
			 std::int64_t limit = std::numeric_limits<std::int64_t>::max());
	Delivery(Delivery const &) = delete;
	Delivery &operator=(Delivery const &) = delete;

	/// Once, before the rest. Where nobody else sends, what a sender that is gone had taken up is queued at once. Throws Error.
	void begin();

	/// Does what can be done now: goes on with what is on its way, records what has ended, takes up what is due. Throws Error; what
	/// could not be recorded is then recorded by the next call.
	void run();

	/// Has the next run() look for messages, due or not: a message may have been queued, a campaign made active.
	void look_again()
	{
		next_look_ = DT_NOBEGIN;
		may_release_ = true;
	}

	/// The clock was set: what was reckoned by it is void.
	void forget_times()
	{
		next_look_ = first_result_at_ = DT_NOBEGIN;
		server_health_.end_pause();
	}

	/// Readable when run() has something to do; -1 while there is nothing to wait for.
	int descriptor() const { return mailer_ ? mailer_->descriptor() : -1; }
	/// When run() has something to do at the latest; nothing where it takes a new message or other settings.
	std::optional<TimestampTz> next_due() const;
	/// True while it holds messages: taken up, on their way, or to be recorded.
	bool is_busy() const;
	/// True while the server takes no mail: then next_due() says when it is tried again.
	bool is_paused() const { return server_health_.is_paused(); }

	/// Gives back what was not begun, gives what is on its way half a second to end, and `grace` in all where the server may have taken it,
	/// and records. run() begins nothing any more. Throws Error.
	void stop(std::chrono::milliseconds grace);

	MailCounts const &counts() const { return counts_; }

private:
	using SteadyTime = SmtpConnection::Time;

	void apply_settings(TimestampTz now);
	void note_finished(TimestampTz now);
	void note_ended(Attempt const &attempt, TimestampTz now);
	void note_result(MessageResult result, TimestampTz now);
	void start_waiting(TimestampTz now);
	void judge_waiting(TimestampTz now);
	void give_back(std::int64_t id, TimestampTz now);
	void give_back_waiting(TimestampTz now);
	bool wants_to_claim(TimestampTz now) const;
	bool wants_to_record(TimestampTz now) const;
	bool may_start() const;
	bool exchange_with_outbox(TimestampTz now);
	void end_until(TimestampTz end, Mailer::Pending hopeless);
	void take_up(Message message, TimestampTz now, SteadyTime begin_until);

	InTransaction in_transaction_;
	ServerHealth server_health_;
	std::int64_t claims_left_;
	SenderLock lock_;
	std::optional<Mailer> mailer_;
	std::deque<Attempt> waiting_;						 ///< not yet begun
	std::unordered_map<std::int64_t, Message> taken_up_; ///< by id, without their content
	std::vector<MessageResult> results_;
	TimestampTz first_result_at_ = DT_NOBEGIN;
	TimestampTz next_look_ = DT_NOBEGIN;
	bool is_stopping_ = false;
	bool may_release_ = true;  ///< messages may wait for a campaign that is active by now
	bool is_changing_ = false; ///< the settings are others than those of the messages that are on their way
	MailCounts counts_;
};

/// Waits for the latch, the step's descriptor or `until` (DT_NOEND: neither long nor for ever), whatever comes first, and lets
/// interrupts through. Outside any transaction, or in a procedure's that has done nothing yet. True where run() has something to read:
/// until it has, another wait ends at once. Throws Error.
bool wait_for_mail(Delivery const &step, TimestampTz until);

} // namespace vero::pg
