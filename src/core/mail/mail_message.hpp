// Builds a message, from its values to the bytes that SMTP carries: its headers, and its content in as many parts as it takes (MIME).
#pragma once

#include "core/mail/mail_address.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vero {

/// A subject is clipped after so many characters, with "..." behind them.
constexpr std::size_t kMaxSubject = 500;

/// Bytes, which nothing on the way takes for a text and changes: application/octet-stream. Who opens it goes by its name.
struct MailAttachment {
	/// Read by to_header_text(), clipped after 200 characters; "/" and "\" become "_". Where it is empty, "attachment" is the name.
	std::string file_name;
	std::string_view bytes; ///< lent for the time of build_message()
};

/// What a message says, which nobody wrote by hand and nothing is to answer: it says so itself (Auto-Submitted, RFC 3834). All texts
/// may hold any bytes: no value can add a header, a recipient or a part.
struct MailMessage {
	Mailbox from;
	std::vector<Mailbox> to; ///< as shown; whom it is sent to, the SMTP envelope says
	std::string subject;	 ///< UTF-8; read by to_header_text(), clipped after kMaxSubject characters
	std::int64_t date_us;	 ///< since 1970-01-01 00:00 UTC
	/// `left@right`, both dot-atoms, without angle brackets; clipped after 250 bytes, and what stands in no dot-atom becomes "_".
	std::string message_id;
	std::optional<std::string_view> body_text = {}; ///< UTF-8, any line ends; lent for the time of build_message()
	std::optional<std::string_view> body_html = {}; ///< UTF-8, any line ends; lent for the time of build_message()
	std::optional<MailAttachment> attachment = {};
	/// What it is one mail of many of, a dot-atom (RFC 2919); empty: none. Clipped and mended as message_id is.
	std::string list_id = {};
	/// mailto: and https: URIs (RFC 2369). Others, and those longer than 900 bytes, are left out; what cannot stand in a URI
	/// is percent-encoded. With an https one the mail offers to unsubscribe by one click (RFC 8058).
	std::vector<std::string> list_unsubscribe = {};
	bool is_test = false; ///< a header says that it is
};

/// The message (RFC 5322, MIME): CRLF ends each line, no line has more than 998 bytes (RFC 5322, section 2.1.1), all bytes are ASCII (but those of an
/// address that needs SMTPUTF8). Bodies are quoted-printable or base64, each line of a text ended by CRLF. Equal messages give equal
/// bytes: the boundaries come from the message_id. With neither body it has an empty text.
std::string build_message(MailMessage const &message);

/// True where only a server with SMTPUTF8 can take the message.
bool needs_smtputf8(MailMessage const &message);

} // namespace vero
