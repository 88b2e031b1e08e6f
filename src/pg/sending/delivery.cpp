// Delivery of the outbox, step by step: messages are taken up, sent with no transaction open, and recorded.
#include "pg/sending/delivery.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/settings.hpp"
#include "pg/base/timestamp.hpp"
#include "pg/outbox/delivery_right.hpp"
#include "pg/sending/verdict.hpp"
#include "pg/sql/spi.hpp"

#include <unordered_set>

extern "C" {
#include "storage/latch.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"
}

namespace vero::pg {
namespace {

/// Taken up at a time, and recorded at a time: so many share the cost of a commit.
constexpr int kMessagesAtOnce = 64;
/// A result waits so long for others. A crash within this time means that the message is sent again.
constexpr std::int64_t kRecordWithin_us = 100'000;
constexpr std::int64_t kUnsentGrace_us =
	USECS_PER_SEC / 2; ///< at a stop, for a message that the server does not have all of
/// A message is begun so long at most after it was known that it is to be sent.
constexpr std::chrono::milliseconds kJudgedFor{250};

} // namespace

Delivery::Delivery(InTransaction in_transaction, Audience audience, std::int64_t limit)
	: in_transaction_(std::move(in_transaction)), server_health_(audience), claims_left_(limit)
{
}

void Delivery::begin()
{
	in_transaction_([&] {
		SpiConnection spi;
		Catalog catalog = find_catalog();
		if (lock_.acquire())
			take_back_orphans(catalog, GetCurrentTimestamp());
	});
	// The others' way is free once what was taken back can be seen.
	in_transaction_([&] { lock_.share(); });
}

bool Delivery::is_busy() const
{
	return !waiting_.empty() || !results_.empty() || (mailer_ && mailer_->is_busy());
}

std::optional<TimestampTz> Delivery::next_due() const
{
	TimestampTz due = results_.empty() ? DT_NOEND : first_result_at_ + kRecordWithin_us;
	if (is_paused()) {
		due = std::min(due, server_health_.pause_end());
	} else if (mailer_ && !is_stopping_ && !is_changing_ && !mailer_->is_busy() && claims_left_ > 0) {
		due = std::min(due, next_look_);
	}
	return due == DT_NOEND ? std::nullopt : std::optional(due);
}

/// Other settings take effect once the messages that are on their way have ended.
void Delivery::apply_settings(TimestampTz now)
{
	std::optional<SmtpServer> server = smtp_server();
	if (mailer_ ? server && *server == mailer_->server() : !server) {
		is_changing_ = false;
		return;
	}
	give_back_waiting(now);
	is_changing_ = mailer_ && mailer_->is_busy();
	if (is_changing_)
		return;
	mailer_.reset();
	server_health_.forget();
	next_look_ = DT_NOBEGIN;
	if (server)
		mailer_.emplace(std::move(*server));
}

bool Delivery::may_start() const
{
	// After a pause one message tries whether the server takes mail again.
	return mailer_ && !is_paused() && !is_stopping_ && !is_changing_ && mailer_->room() > 0 &&
		   (!server_health_.is_doubtful() || !mailer_->is_busy());
}

void Delivery::start_waiting(TimestampTz now)
{
	if (!mailer_)
		return;
	while (!waiting_.empty() && may_start()) {
		if (waiting_.front().begin_until <= std::chrono::steady_clock::now()) {
			judge_waiting(now);
			continue;
		}
		Attempt next = std::move(waiting_.front());
		waiting_.pop_front();
		TimestampTz lease_end = taken_up_.at(next.message_id).lease_end;
		if (lease_end - now > std::chrono::microseconds(mailer_->server().timeout).count()) {
			mailer_->start(std::move(next));
		} else {
			give_back(next.message_id, now);
		}
		note_finished(now); // some end at once
	}
	if (is_paused())
		give_back_waiting(now);
}

/// Has those not be sent whose contact or campaign has changed since they were taken up.
void Delivery::judge_waiting(TimestampTz now)
{
	SteadyTime begin_until = std::chrono::steady_clock::now() + kJudgedFor;
	std::vector<ClaimedMessage> messages;
	for (Attempt const &attempt : waiting_)
		messages.push_back({attempt.message_id, taken_up_.at(attempt.message_id).claim});
	in_transaction_([&] {
		SpiConnection spi;
		withhold_mail(find_catalog(), messages, 1, now);
	});
	std::unordered_set<std::int64_t> kept;
	for (ClaimedMessage const &message : messages)
		kept.insert(message.id);
	for (Attempt &attempt : std::exchange(waiting_, {})) {
		attempt.begin_until = begin_until;
		if (kept.contains(attempt.message_id)) {
			waiting_.push_back(std::move(attempt));
		} else {
			taken_up_.erase(attempt.message_id);
		}
	}
}

void Delivery::give_back(std::int64_t id, TimestampTz now)
{
	auto place = taken_up_.find(id);
	note_result({id,
				 place->second.claim,
				 MessageResult::State::queued,
				 false,
				 now,
				 "",
				 "",
				 {},
				 {},
				 false,
				 place->second.is_dated_anew},
				now);
	taken_up_.erase(place);
}

void Delivery::give_back_waiting(TimestampTz now)
{
	for (Attempt const &attempt : std::exchange(waiting_, {}))
		give_back(attempt.message_id, now);
}

void Delivery::note_result(MessageResult result, TimestampTz now)
{
	if (results_.empty())
		first_result_at_ = now;
	if (result.state == MessageResult::State::queued)
		next_look_ = std::min(next_look_, result.next_attempt_at);
	results_.push_back(std::move(result));
}

void Delivery::note_ended(Attempt const &attempt, TimestampTz now)
{
	auto place = taken_up_.find(attempt.message_id);
	if (place == taken_up_.end())
		return;
	if (!is_stopping_) // what it gives up says nothing about the server
		server_health_.note(attempt.verdict, mailer_->server().url, now);
	note_result(judge_attempt(place->second, attempt.verdict, now, server_health_.pause_end()), now);
	taken_up_.erase(place);
}

void Delivery::note_finished(TimestampTz now)
{
	for (Attempt const &attempt : mailer_->take_finished())
		note_ended(attempt, now);
	for (Attempt &attempt : mailer_->take_postponed())
		waiting_.push_front(std::move(attempt));
}

bool Delivery::wants_to_record(TimestampTz now) const
{
	return !results_.empty() && (results_.size() >= static_cast<std::size_t>(kMessagesAtOnce) ||
								 now >= first_result_at_ + kRecordWithin_us || !mailer_ || !mailer_->is_busy());
}

bool Delivery::wants_to_claim(TimestampTz now) const
{
	return mailer_ && !is_paused() && !is_stopping_ && !is_changing_ && claims_left_ > 0 && now >= next_look_ &&
		   waiting_.size() < mailer_->server().connections &&
		   (!server_health_.is_doubtful() || (waiting_.empty() && !mailer_->is_busy()));
}

void Delivery::take_up(Message message, TimestampTz now, SteadyTime begin_until)
{
	claims_left_--;
	// A clock that was set forward ends leases, so that it may be a message that waits here already, or is on its way: that goes on.
	bool has_waited =
		std::erase_if(waiting_, [&](Attempt const &attempt) { return attempt.message_id == message.id; }) > 0;
	if (auto place = taken_up_.find(message.id); place != taken_up_.end() && !has_waited) {
		message.drop_content();
		place->second = std::move(message);
		return;
	}
	std::variant<SmtpMail, std::string> written = write_message(message);
	if (message.attempts > max_delivery_attempts())
		written = "its delivery was begun but never ended";
	if (auto *mail = std::get_if<SmtpMail>(&written)) {
		message.drop_content();
		waiting_.push_back({message.id, std::move(*mail), begin_until});
		taken_up_.insert_or_assign(message.id, std::move(message));
	} else {
		SmtpVerdict verdict{SmtpResult::retry, std::get<std::string>(written), {}, {}, {}, SmtpStage::rcpt_to};
		results_.push_back(judge_attempt(message, verdict, now, server_health_.pause_end()));
		first_result_at_ = DT_NOBEGIN;
	}
}

/// Records what has ended and takes up what is due, in one transaction. True where all that was due is withheld, and more may be due.
bool Delivery::exchange_with_outbox(TimestampTz now)
{
	bool is_claiming = wants_to_claim(now);
	std::int64_t limit =
		is_claiming ? std::min<std::int64_t>(server_health_.is_doubtful() ? 1 : kMessagesAtOnce, claims_left_) : 0;
	std::int64_t lease_us =
		mailer_ ? 2 * std::chrono::microseconds(mailer_->server().timeout).count() + 60 * USECS_PER_SEC : 0;
	SteadyTime begin_until = std::chrono::steady_clock::now() + kJudgedFor;
	ClaimedMessages claimed{};
	std::optional<TimestampTz> next;
	bool may_release = false;
	in_transaction_([&] {
		SpiConnection spi;
		Catalog catalog = find_catalog();
		record_results(catalog, results_, now);
		if (!is_claiming || !is_delivery_enabled(catalog))
			return;
		may_release = may_release_ && release_mail(catalog, now);
		claimed = claim_messages(catalog, static_cast<int>(limit), now, now + lease_us);
		next = claimed.due == limit || may_release ? now : next_message_due(catalog);
	});
	for (MessageResult const &result : std::exchange(results_, {})) {
		counts_.sent += result.state == MessageResult::State::sent ? 1 : 0;
		counts_.failed += result.state == MessageResult::State::failed ? 1 : 0;
		counts_.retried += result.state == MessageResult::State::queued && result.is_attempt ? 1 : 0;
	}
	if (is_claiming) {
		next_look_ = next.value_or(DT_NOEND);
		may_release_ = may_release;
	}
	for (Message &message : claimed.messages)
		take_up(std::move(message), now, begin_until);
	return claimed.withheld > 0 && claimed.messages.empty();
}

void Delivery::run()
{
	TimestampTz now = GetCurrentTimestamp();
	apply_settings(now);
	server_health_.pass_time(now);
	if (mailer_) {
		mailer_->advance();
		note_finished(now);
	}
	start_waiting(now);
	if (wants_to_record(now) || wants_to_claim(now)) {
		while (exchange_with_outbox(now) && wants_to_claim(now))
			check_for_interrupts();
		start_waiting(now);
	}
}

/// Goes on with what is on its way, but for `hopeless`, which is given up at once.
void Delivery::end_until(TimestampTz end, Mailer::Pending hopeless)
{
	if (mailer_)
		mailer_->give_up(hopeless, "the sender stops");
	for (run(); is_busy() && GetCurrentTimestamp() < end; run())
		(void)wait_for_mail(*this, end);
}

void Delivery::stop(std::chrono::milliseconds grace)
{
	is_stopping_ = true;
	TimestampTz now = GetCurrentTimestamp();
	give_back_waiting(now);
	end_until(now + kUnsentGrace_us, Mailer::Pending::unopened);
	end_until(now + std::chrono::microseconds(grace).count(), Mailer::Pending::unsent);
	end_until(now, Mailer::Pending::all);
}

bool wait_for_mail(Delivery const &step, TimestampTz until)
{
	constexpr long kLongest_ms = 60'000;
	long wait_ms = std::min(kLongest_ms, milliseconds_until(std::min(until, step.next_due().value_or(DT_NOEND))));
	int descriptor = step.descriptor();
	return call([&] {
		int events = WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH | (descriptor >= 0 ? WL_SOCKET_READABLE : 0);
		int happened = WaitLatchOrSocket(MyLatch, events, descriptor, wait_ms, PG_WAIT_EXTENSION);
		if ((happened & WL_LATCH_SET) != 0)
			ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		return (happened & WL_SOCKET_READABLE) != 0;
	});
}

} // namespace vero::pg
