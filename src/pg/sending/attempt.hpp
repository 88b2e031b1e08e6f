// Judges what an attempt to deliver a message means for it.
#pragma once

#include "core/time/backoff.hpp"
#include "pg/outbox/mail_queue.hpp"
#include "pg/sending/mailer.hpp"

namespace vero::pg {

/// What has to be known of a message to judge an attempt.
struct Attempt {
	int number;						   ///< 1: the first
	std::size_t recipients;			   ///< of the row
	std::vector<std::string> accepted; ///< these two: before this attempt, or without one
	std::vector<std::string> refused;
	bool has_smaller = false; ///< the message can be sent without its attachment
};

/// What is to be recorded of the attempt. `pause_end`: until when no mail goes out, in the past if it does.
MessageResult judge_attempt(Attempt const &attempt, DeliveredMail const &delivered, TimestampTz now,
							TimestampTz pause_end);

/// Microseconds until the try after so many, varied at random.
std::int64_t wait_after(std::int64_t attempts, Backoff const &backoff);

} // namespace vero::pg
