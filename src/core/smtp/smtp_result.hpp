// Judges how handing a message to an SMTP server ended.
#pragma once

namespace vero {

/// How far the conversation came: whose answer was awaited when it ended.
enum class SmtpStage : unsigned char {
	connect,   ///< connection, TLS, greeting, EHLO, STARTTLS, AUTH
	mail_from, ///< MAIL FROM
	rcpt_to,   ///< RCPT TO
	data,	   ///< DATA
	body,	   ///< DATA was granted, and bytes of the message were still to be sent
	body_sent, ///< the whole message was handed over, so that the final dot may have been sent
};

enum class SmtpResult : unsigned char {
	sent,
	retry,		///< later, with back-off: it counts as an attempt of this message
	failed,		///< never again: this message is refused
	relay_down, ///< nothing is known about this message; no message goes through now, so pause and count no attempt
	uncertain,	///< it may have been accepted: the connection was lost between the final dot and its reply
};

/// What it means that the conversation ended at `stage`, whose answer was `reply` (its code; 0: none came). A good answer to the message
/// itself is no such end: the caller knows that it is sent.
///
/// By RFC 5321, sections 3.8 and 4.2. What speaks about the session (421, authentication, no reply) is relay_down; what speaks
/// about this message or its recipient is retry (4yz) or failed (5yz). MAIL FROM belongs to both: a sender or size that is
/// refused (450, 501, 550, 552, 553, 555) concerns this message, other refusals the session. A connection that is lost amid the body is
/// retry: nothing was accepted, and a message that makes a server hang up must not hold up the others.
SmtpResult classify(SmtpStage stage, int reply);

} // namespace vero
