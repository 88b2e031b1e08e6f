// Writes messages into the outbox.
#pragma once

#include "pg/job_outcome.hpp"

namespace vero::pg {

/// What a job's mail says, and to whom.
struct CampaignMessage {
	DueJob const *job;
	RenderedMail const *mail;
};

/// True where a new message is to be queued: an SMTP server and vero_events.mail_from are set, and delivery is enabled. Else it is
/// stored, and not sent by setting them later. Needs an SpiConnection. Throws Error.
bool is_mail_sent(Catalog const &catalog);

/// The same of a message that says itself who it comes from.
bool has_mail_server(Catalog const &catalog);

/// What its Message-ID has behind the "@": the sender's domain, in ASCII.
std::string message_id_domain(std::optional<std::string> const &from_address);

/// Writes them into vero.messages, queued where they can be sent, as the owner and gives their ids, in order. Needs an SpiConnection. Throws Error.
std::vector<std::int64_t> put_into_outbox(Catalog const &catalog, std::vector<CampaignMessage> const &messages,
										  TimestampTz now);

} // namespace vero::pg
