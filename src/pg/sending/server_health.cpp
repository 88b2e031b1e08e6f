// Whether the SMTP server takes mail, and how long delivery pauses while it does not.
#include "pg/sending/server_health.hpp"

#include "pg/base/boundary.hpp"
#include "pg/sending/judge_attempt.hpp"

namespace vero::pg {
namespace {

/// 5 s, 10 s ... 15 min.
constexpr Backoff kServerBackoff{5'000'000, 900'000'000, 2.0, 0.2};

void report(int level, std::string const &message)
{
	char const *words = message.c_str();
	call([=] { ereport(level, (errmsg_internal("%s", words))); });
}

} // namespace

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
