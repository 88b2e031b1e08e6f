// Judges what an attempt to deliver a message means for it.
#pragma once

#include "core/time/backoff.hpp"
#include "pg/outbox/mail_queue.hpp"

namespace vero::pg {

/// What is to be recorded of an attempt to send the message that ended so. `pause_end`: until when no mail goes out, in the past if it
/// does.
MessageResult judge_attempt(Message const &message, SmtpVerdict const &verdict, TimestampTz now, TimestampTz pause_end);

/// Microseconds until the try after so many, varied at random.
std::int64_t wait_after(std::int64_t attempts, Backoff const &backoff);

} // namespace vero::pg
