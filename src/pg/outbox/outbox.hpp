// Writes messages into the outbox.
#pragma once

#include "pg/sql/catalog.hpp"

extern "C" {
#include "datatype/timestamp.h"
}

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace vero::pg {

/// A job's mail before it is a row of vero.messages: whose it is, to whom it goes, and what it says.
struct CampaignMail {
	std::int64_t event_id;
	std::int64_t campaign_id;
	std::int64_t contact_id;
	std::string recipient;
	std::optional<std::string> from_address; ///< none: the setting vero_events.mail_from says it
	std::string subject;
	std::optional<std::string> body_text;
	std::optional<std::string> body_html;
};

/// Who says who a message comes from.
enum class Sender : unsigned char { setting, message };

/// Why a new message is stored, and not queued: no SMTP server or sender is set, or delivery is off. It is not sent by setting them
/// later. Nothing where it is queued. Needs an SpiConnection. Throws Error.
std::optional<std::string> why_stored(Catalog const &catalog, Sender sender);

/// What its Message-ID has behind the "@": the sender's domain, in ASCII, or a stand-in where there is no sender.
constexpr std::string_view kNoDomain = "vero-events.invalid";
std::string message_id_domain(std::optional<std::string> const &from_address);

/// Writes them into vero.messages, queued where they can be sent, as the owner and gives their ids, in order. Needs an SpiConnection. Throws Error.
std::vector<std::int64_t> put_into_outbox(Catalog const &catalog, std::span<CampaignMail const *const> mails,
										  TimestampTz now);

} // namespace vero::pg
