// A message of the outbox as what is sent of it.
#pragma once

#include "core/smtp/smtp_transaction.hpp"
#include "pg/base/postgres.hpp"

extern "C" {
#include "datatype/timestamp.h"
}

namespace vero::pg {

/// A row of vero.messages that this session has taken up.
struct MessageRow {
	std::int64_t id;
	std::int64_t claim;					   ///< its claims: whoever takes it up later has another number
	int attempts;						   ///< this one included
	std::optional<std::int64_t> import_id; ///< that it confirms; none: a campaign's mail
	bool is_transactional;				   ///< a campaign's mail that unsubscribing does not end
	std::vector<std::string> recipients;
	std::vector<std::string> accepted; ///< these two are addresses as Mailbox has them
	std::vector<std::string> refused;
	std::optional<std::string> from;
	std::string subject;
	std::optional<std::string> body_text;
	std::optional<std::string> body_html;
	std::optional<std::string> attachment;
	bool has_smaller; ///< it can be sent without its attachment, in other words
	std::string message_id_header;
	TimestampTz created_at;
};

/// What an attempt is for, or `words` where there is nothing to send: why not.
struct WrittenMail {
	SmtpMail mail; ///< without recipients: nothing to send
	std::string words;
	std::vector<std::string> refused; ///< who cannot be sent to at all
};

/// The message to those recipients that are still to get it. Addresses that take a server with SMTPUTF8 come after all others, in an
/// attempt of their own: they are not to hold these up.
WrittenMail write_message(MessageRow const &row);

} // namespace vero::pg
