// A message of the outbox as what is sent of it.
#pragma once

#include "core/smtp/smtp_transaction.hpp"
#include "pg/base/postgres.hpp"

#include <variant>

extern "C" {
#include "datatype/timestamp.h"
}

namespace vero::pg {

/// A row of vero.messages that this session has taken up.
struct Message {
	std::int64_t id;
	std::int64_t claim;					   ///< its claims: whoever takes it up later has another number
	TimestampTz lease_end;				   ///< until then it is this session's
	int attempts;						   ///< this one included
	std::optional<std::int64_t> import_id; ///< that it confirms; none: a campaign's mail, or a test of it
	std::int64_t campaign_id;			   ///< of a campaign's mail
	bool is_transactional;				   ///< a campaign's mail that unsubscribing does not end
	bool is_test;						   ///< it shows people what a campaign's mail looks like
	std::vector<std::string> recipients;
	std::vector<std::string>
		accepted; ///< these two are addresses as Mailbox has them; write_message() adds to `refused`
	std::vector<std::string> refused;
	std::optional<std::string> from;
	std::string subject;
	std::optional<std::string> body_text;
	std::optional<std::string> body_html;
	std::optional<std::string> attachment;
	bool has_smaller; ///< it can be sent without its attachment, in other words
	std::string message_id_header;
	TimestampTz dated_at; ///< what its Date says
	bool is_dated_anew;	  ///< by this attempt: nothing of it went out before

	/// Lets go of what is large, once it is written: what an attempt is judged by stays.
	void drop_content()
	{
		body_text.reset();
		body_html.reset();
		attachment.reset();
	}
};

/// The message to those recipients that are still to get it, or why there is nothing to send, in words. Recipients that cannot be sent
/// to at all are refused from now on. Addresses that take a server with SMTPUTF8 come after all others, in an attempt of their own: they
/// are not to hold these up.
std::variant<SmtpMail, std::string> write_message(Message &message);

} // namespace vero::pg
