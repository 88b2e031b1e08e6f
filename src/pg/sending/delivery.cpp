// Delivery of the outbox, step by step: messages are taken up, sent with no transaction open, and recorded.
#include "pg/sending/delivery.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/settings.hpp"
#include "pg/base/spi.hpp"
#include "pg/base/timestamp.hpp"
#include "pg/outbox/delivery_right.hpp"

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
/// While the server takes no mail: 5 s, 10 s ... 15 min.
constexpr Backoff kServerBackoff{5'000'000, 900'000'000, 2.0, 0.2};
constexpr std::int64_t kSecond_us = 1'000'000;
/// A message is begun so long at most after it was known that it is to be sent.
constexpr std::chrono::milliseconds kJudgedFor{250};

void report(int level, char const *message)
{
	call([&] { ereport(level, (errmsg_internal("%s", message))); });
}

} // namespace

MailStep::MailStep(InTransaction in_transaction, Audience audience, std::int64_t limit)
	: in_transaction_(std::move(in_transaction)), audience_(audience), claims_left_(limit)
{
}

void MailStep::begin()
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

bool MailStep::is_busy() const
{
	return !waiting_.empty() || !results_.empty() || (mailer_ && mailer_->is_busy());
}

std::optional<TimestampTz> MailStep::next_due() const
{
	TimestampTz due = results_.empty() ? DT_NOEND : first_result_at_ + kRecordWithin_us;
	if (is_paused())
		due = std::min(due, pause_end_);
	else if (mailer_ && !is_stopping_ && !is_changing_ && !mailer_->is_busy() && claims_left_ > 0)
		due = std::min(due, next_look_);
	return due == DT_NOEND ? std::nullopt : std::optional(due);
}

/// Other settings take effect once the messages that are on their way have ended.
void MailStep::apply_settings(TimestampTz now)
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
	pauses_ = 0;
	pause_end_ = next_look_ = DT_NOBEGIN;
	if (server)
		mailer_.emplace(std::move(*server));
}

bool MailStep::may_start() const
{
	// After a pause one message tries whether the server takes mail again.
	return mailer_ && !is_paused() && !is_stopping_ && !is_changing_ && mailer_->room() > 0 &&
		   (pauses_ == 0 || !mailer_->is_busy());
}

void MailStep::start_waiting(TimestampTz now)
{
	if (!mailer_)
		return;
	while (!waiting_.empty() && may_start()) {
		if (waiting_.front().judged_at + kJudgedFor <= std::chrono::steady_clock::now()) {
			judge_waiting(now);
			continue;
		}
		Waiting next = std::move(waiting_.front());
		waiting_.pop_front();
		TimestampTz lease_end = under_way_.at(next.mail.id).lease_end;
		next.mail.begin_until = next.judged_at + kJudgedFor;
		if (lease_end - now > std::chrono::microseconds(mailer_->server().timeout).count())
			mailer_->start(std::move(next.mail));
		else
			give_back(next.mail.id, next.mail.claim, now);
		note_finished(now); // some end at once
	}
	if (is_paused())
		give_back_waiting(now);
}

/// Has those not be sent whose contact or campaign has changed since they were taken up.
void MailStep::judge_waiting(TimestampTz now)
{
	SteadyTime judged_at = std::chrono::steady_clock::now();
	std::vector<ClaimedMessage> messages;
	for (Waiting const &message : waiting_)
		messages.push_back({message.mail.id, message.mail.claim});
	in_transaction_([&] {
		SpiConnection spi;
		withhold_mail(find_catalog(), messages, 1, now);
	});
	std::unordered_set<std::int64_t> kept;
	for (ClaimedMessage const &message : messages)
		kept.insert(message.id);
	for (Waiting &message : std::exchange(waiting_, {})) {
		message.judged_at = judged_at;
		if (kept.contains(message.mail.id))
			waiting_.push_back(std::move(message));
		else
			under_way_.erase(message.mail.id);
	}
}

void MailStep::give_back(std::int64_t id, std::int64_t claim, TimestampTz now)
{
	if (results_.empty())
		first_result_at_ = now;
	results_.push_back({id, claim, MessageResult::State::queued, false, now, "", "", {}, {}, false});
	under_way_.erase(id);
	next_look_ = std::min(next_look_, now);
}

void MailStep::give_back_waiting(TimestampTz now)
{
	for (Waiting const &message : std::exchange(waiting_, {}))
		give_back(message.mail.id, message.mail.claim, now);
}

void MailStep::pause(std::string const &words, TimestampTz now)
{
	if (is_paused())
		return;
	std::int64_t wait_us = wait_after(++pauses_, kServerBackoff);
	pause_end_ = now + wait_us;
	if (pauses_ == 1)
		report(audience_ == Audience::log ? LOG : WARNING,
			   ("SMTP server " + mailer_->server().url + " takes no mail: " + words).c_str());
}

void MailStep::note_server(SmtpVerdict const &verdict, TimestampTz now)
{
	if (verdict.result == SmtpResult::relay_down)
		return pause(verdict.words, now);
	if (std::exchange(pauses_, 0) > 0) {
		pause_end_ = DT_NOBEGIN;
		report(LOG, ("SMTP server " + mailer_->server().url + " takes mail again").c_str());
	}
}

void MailStep::note_delivered(DeliveredMail const &delivered, TimestampTz now)
{
	auto place = under_way_.find(delivered.id);
	if (place == under_way_.end())
		return;
	note_server(delivered.verdict, now);
	MessageResult result = judge_attempt(place->second.attempt, delivered, now, pause_end_);
	under_way_.erase(place);
	if (result.state == MessageResult::State::queued)
		next_look_ = std::min(next_look_, result.next_attempt_at);
	if (results_.empty())
		first_result_at_ = now;
	results_.push_back(std::move(result));
}

void MailStep::note_finished(TimestampTz now)
{
	for (DeliveredMail const &delivered : mailer_->take_finished())
		note_delivered(delivered, now);
	for (OutgoingMail &mail : mailer_->take_postponed())
		waiting_.push_front({std::move(mail), SteadyTime::min()});
}

bool MailStep::wants_to_record(TimestampTz now) const
{
	return !results_.empty() && (results_.size() >= static_cast<std::size_t>(kMessagesAtOnce) ||
								 now >= first_result_at_ + kRecordWithin_us || !mailer_ || !mailer_->is_busy());
}

bool MailStep::wants_to_claim(TimestampTz now) const
{
	return mailer_ && !is_paused() && !is_stopping_ && !is_changing_ && claims_left_ > 0 && now >= next_look_ &&
		   waiting_.size() < mailer_->server().connections &&
		   (pauses_ == 0 || (waiting_.empty() && !mailer_->is_busy()));
}

void MailStep::take_up(MessageRow const &row, TimestampTz lease_end, TimestampTz now, SteadyTime judged_at)
{
	WrittenMail written = write_message(row);
	Attempt message{row.attempts, row.recipients.size(), row.accepted, row.refused, row.has_smaller};
	message.refused.insert(message.refused.end(), written.refused.begin(), written.refused.end());
	claims_left_--;
	if (row.attempts > max_delivery_attempts || written.mail.to.empty()) {
		std::string words =
			row.attempts > max_delivery_attempts ? "its delivery was begun but never ended" : written.words;
		SmtpVerdict verdict{SmtpResult::retry, words, {}, {}, {}, SmtpStage::rcpt_to};
		results_.push_back(judge_attempt(message, {row.id, row.claim, verdict}, now, pause_end_));
		first_result_at_ = DT_NOBEGIN;
		return;
	}
	under_way_.insert_or_assign(row.id, UnderWay{std::move(message), lease_end});
	waiting_.push_back({{row.id, row.claim, std::move(written.mail)}, judged_at});
}

/// Records what has ended and takes up what is due, in one transaction. True where all that was due is withheld, and more may be due.
bool MailStep::exchange_with_outbox(TimestampTz now)
{
	bool is_claiming = wants_to_claim(now);
	std::int64_t limit = is_claiming ? std::min<std::int64_t>(pauses_ > 0 ? 1 : kMessagesAtOnce, claims_left_) : 0;
	std::int64_t lease_us =
		mailer_ ? 2 * std::chrono::microseconds(mailer_->server().timeout).count() + 60 * kSecond_us : 0;
	SteadyTime judged_at = std::chrono::steady_clock::now();
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
	for (MessageRow const &row : claimed.messages)
		take_up(row, now + lease_us, now, judged_at);
	return claimed.withheld > 0 && claimed.messages.empty();
}

void MailStep::run()
{
	TimestampTz now = GetCurrentTimestamp();
	apply_settings(now);
	if (is_paused() && now >= pause_end_)
		pause_end_ = DT_NOBEGIN;
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

void MailStep::stop(std::chrono::milliseconds grace)
{
	is_stopping_ = true;
	TimestampTz end = GetCurrentTimestamp() + std::chrono::microseconds(grace).count();
	give_back_waiting(GetCurrentTimestamp());
	if (mailer_)
		mailer_->give_up(Mailer::Pending::unopened, "the sender stops");
	for (run(); is_busy() && GetCurrentTimestamp() < end; run())
		(void)wait_for_mail(*this, end);
	if (mailer_)
		mailer_->give_up(Mailer::Pending::all, "the sender stops");
	run();
}

bool wait_for_mail(MailStep const &step, TimestampTz until)
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
