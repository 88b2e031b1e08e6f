// What the SMTP server's verdict on an attempt means: for the message, and for all mail while the server takes none.
#pragma once

#include "core/smtp/smtp_transaction.hpp"
#include "pg/base/postgres.hpp"
#include "pg/outbox/mail_queue.hpp"

extern "C" {
#include "datatype/timestamp.h"
}

namespace vero::pg {

/// What is to be recorded of an attempt to send the message that ended so. `pause_end`: until when no mail goes out, in the past if it
/// does.
MessageResult judge_attempt(Message const &message, SmtpVerdict const &verdict, TimestampTz now, TimestampTz pause_end);

/// A pause is longer each time, and after it one message tries whether the server takes mail again.
class ServerHealth {
public:
	/// Who is told when the server stops to take mail.
	enum class Audience : unsigned char { log, client };

	explicit ServerHealth(Audience audience) : audience_(audience) {}

	bool is_paused() const { return pause_end_ != DT_NOBEGIN; }
	/// When the pause ends; DT_NOBEGIN where there is none.
	TimestampTz pause_end() const { return pause_end_; }
	/// True from the first pause until the server takes mail again.
	bool is_doubtful() const { return pauses_ > 0; }

	/// Learns from how an attempt ended, and says so where mail stops or goes on. `url` is the server's. Throws Error.
	void note(SmtpVerdict const &verdict, std::string const &url, TimestampTz now);
	/// Ends a pause whose time has come.
	void pass_time(TimestampTz now);
	/// Ends the pause: it was reckoned by a clock that has been set since.
	void end_pause() { pause_end_ = DT_NOBEGIN; }
	/// It is another server from now on.
	void forget();

private:
	void pause(std::string const &words, std::string const &url, TimestampTz now);

	Audience audience_;
	TimestampTz pause_end_ = DT_NOBEGIN;
	std::int64_t pauses_ = 0; ///< since the server took mail last
};

} // namespace vero::pg
