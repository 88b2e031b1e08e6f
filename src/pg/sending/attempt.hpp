// One attempt to send a message: what is sent, and how it ended.
#pragma once

#include "core/smtp/smtp_transaction.hpp"

#include <chrono>
#include <cstdint>

namespace vero::pg {

/// One attempt to send a message of the outbox.
struct Attempt {
	std::int64_t message_id;
	SmtpMail mail;									   ///< gone once the attempt has ended
	std::chrono::steady_clock::time_point begin_until; ///< it is not begun later
	SmtpVerdict verdict = {};						   ///< how it ended
};

} // namespace vero::pg
