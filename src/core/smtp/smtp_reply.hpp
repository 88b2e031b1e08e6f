// Reads an SMTP server's replies out of the bytes that come in: what they mean for a message, and what the server says that it can do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vero {

/// What a server answers (RFC 5321, section 4.2).
struct SmtpReply {
	int code;		  ///< 200 to 599
	std::string text; ///< all lines as one, without the code; UTF-8 without controls, clipped after 500 characters

	bool is_positive() const { return code / 100 == 2; }
	/// A permanent refusal for the message's size: by its enhanced code (RFC 3463) or, where there is none, by its code (RFC 1870).
	bool is_about_size() const;
};

/// `550 5.1.1 No such user`.
std::string to_words(SmtpReply const &reply);

class SmtpReplyReader {
public:
	/// Takes what came in, which may be cut anywhere.
	void feed(std::string_view bytes) { pending_ += bytes; }

	/// The next whole reply; nothing while there is none. After is_broken() nothing more.
	std::optional<SmtpReply> take();

	/// True once what came in is no SMTP: a line that is no reply's, or replies without an end.
	bool is_broken() const { return is_broken_; }

private:
	bool take_line(std::string_view line);

	std::string pending_;
	std::string text_; ///< what the lines of the reply so far say
	int code_ = 0;	   ///< of the lines of the reply so far; 0: there are none
	int lines_ = 0;	   ///< how many lines the reply has so far
	bool is_broken_ = false;
};

/// What is known from the reply to EHLO.
struct SmtpAbilities {
	bool has_pipelining = false; ///< RFC 2920: commands may be sent before their replies are in
	bool has_smtputf8 = false;	 ///< RFC 6531
	bool has_auth = false;
	std::optional<std::uint64_t> max_size; ///< RFC 1870: bytes of a message; 0: no limit is known; none: no SIZE either

	/// Learns from a line of the server's, from its greeting on, with or without its line end. What was said before the greeting of
	/// STARTTLS does not count: anybody may have said it. Allocates nothing.
	void note_line(std::string_view line) noexcept;

	bool operator==(SmtpAbilities const &) const = default;
};

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
