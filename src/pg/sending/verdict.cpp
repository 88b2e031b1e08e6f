// What the SMTP server's verdict on an attempt means: for the message, and for all mail while the server takes none.
#include "pg/sending/verdict.hpp"

#include "core/time/backoff.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/settings.hpp"

extern "C" {
#include "common/pg_prng.h"
}

namespace vero::pg {
namespace {

std::vector<std::string> joined(std::vector<std::string> list, std::vector<std::string> const &more)
{
	list.insert(list.end(), more.begin(), more.end());
	return list;
}

bool contains(std::vector<std::string> const &list, std::string const &item)
{
	return std::find(list.begin(), list.end(), item) != list.end();
}

std::string listed(std::vector<std::string> const &list)
{
	std::string text;
	for (std::string const &item : list)
		text += (text.empty() ? "" : ", ") + item;
	return text;
}

/// 5 s, 10 s ... 15 min.
constexpr Backoff kServerBackoff{5'000'000, 900'000'000, 2.0, 0.2};

void report(int level, std::string const &message)
{
	char const *words = message.c_str();
	call([=] { ereport(level, (errmsg_internal("%s", words))); });
}

/// Microseconds until the try after so many, varied at random.
std::int64_t wait_after(std::int64_t attempts, Backoff const &backoff)
{
	return delay_after(attempts, pg_prng_double(&pg_global_prng_state), backoff);
}

} // namespace

MessageResult judge_attempt(Message const &message, SmtpVerdict const &verdict, TimestampTz now, TimestampTz pause_end)
{
	using State = MessageResult::State;
	MessageResult result{message.id, message.claim, State::queued, true, now, verdict.words, "", {}, {}, false, false};
	std::vector<std::string> accepted = joined(message.accepted, verdict.accepted);
	std::vector<std::string> refused = joined(message.refused, verdict.refused);
	if (result.error.empty())
		result.error = "no reason was given";
	if (message.has_smaller && !verdict.too_large.empty()) {
		result.is_made_smaller = true;
		result.error = "it goes on without its attachment: " + result.error;
		std::erase_if(refused, [&](std::string const &address) { return contains(verdict.too_large, address); });
	}
	if (message.recipients.size() > 1) {
		result.accepted = accepted;
		result.refused = refused;
	}
	bool is_over = accepted.size() + refused.size() >= message.recipients.size();
	result.is_undated = message.is_dated_anew && verdict.accepted.empty() && verdict.stage <= SmtpStage::data;
	bool is_down = verdict.result == SmtpResult::relay_down;
	bool is_progress =
		verdict.result == SmtpResult::sent || verdict.result == SmtpResult::failed || result.is_made_smaller;
	// A message at which the server leaves each time is to end some day.
	result.is_attempt = !is_down || verdict.stage >= SmtpStage::rcpt_to;
	if (!is_over && !is_progress && result.is_attempt && message.attempts >= max_delivery_attempts()) {
		result.error = "given up after " + std::to_string(message.attempts) + " attempts: " + result.error;
		is_over = true;
	}
	if (is_over) {
		result.state = accepted.empty() ? State::failed : State::sent;
		if (verdict.result == SmtpResult::sent && verdict.refused.empty()) {
			result.reply = verdict.words;
			result.error = refused.empty() ? "" : "not to " + listed(refused);
		}
	} else if (is_progress) {
		result.is_attempt = false; // the rest has attempts of its own
	} else {
		result.next_attempt_at = is_down ? std::max(now, pause_end) : now + wait_after(message.attempts, {});
	}
	return result;
}

void ServerHealth::pause(std::string const &words, std::string const &url, TimestampTz now)
{
	if (is_paused())
		return;
	pause_end_ = now + wait_after(++pauses_, kServerBackoff);
	if (pauses_ == 1)
		report(audience_ == Audience::log ? LOG : WARNING, "SMTP server " + url + " takes no mail: " + words);
}

void ServerHealth::note(SmtpVerdict const &verdict, std::string const &url, TimestampTz now)
{
	if (verdict.result == SmtpResult::relay_down)
		return pause(verdict.words, url, now);
	if (std::exchange(pauses_, 0) > 0) {
		end_pause();
		report(LOG, "SMTP server " + url + " takes mail again");
	}
}

void ServerHealth::pass_time(TimestampTz now)
{
	if (is_paused() && now >= pause_end_)
		end_pause();
}

void ServerHealth::forget()
{
	pauses_ = 0;
	end_pause();
}

} // namespace vero::pg
