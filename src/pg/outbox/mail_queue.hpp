// The outbox as a queue: messages are taken up for delivery, and what became of them is recorded.
#pragma once

#include "pg/outbox/message.hpp"
#include "pg/outbox/withheld_mail.hpp"
#include "pg/sql/catalog.hpp"

namespace vero::pg {

/// What is recorded of an attempt, or of a message that is given back without one.
struct MessageResult {
	enum class State : unsigned char { queued, sent, failed };

	std::int64_t id;
	std::int64_t claim;
	State state;
	bool is_attempt;				   ///< false: the attempt that it was taken up for does not count
	TimestampTz next_attempt_at;	   ///< where it is queued
	std::string error;				   ///< "": none
	std::string reply;				   ///< "": none
	std::vector<std::string> accepted; ///< both only of those with several recipients
	std::vector<std::string> refused;
	bool is_made_smaller; ///< from now on it has no attachment
	bool is_undated;	  ///< nothing of it went out: its next attempt gives it another Date
};

struct ClaimedMessages {
	std::vector<Message> messages;
	int due;	  ///< so many were looked at
	int withheld; ///< of these so many are not to be sent
};

/// Takes up to `limit` messages that are due (fewer if they are large), for as long as `lease_end`; those that others hold are passed over.
/// Those whose lease has ended are due too, and those that wait longer than anything is made to wait, as the clock was ahead then. Those that
/// are not to be sent after all are withheld (withhold_mail()). All here need an SpiConnection and act as the owner. Throws Error.
ClaimedMessages claim_messages(Catalog const &catalog, int limit, TimestampTz now, TimestampTz lease_end);

/// When the next message is due, or a lease ends; nothing where none waits.
std::optional<TimestampTz> next_message_due(Catalog const &catalog);

/// Records them, and of those that are settled their jobs. A message that somebody else has taken up since is left alone.
void record_results(Catalog const &catalog, std::vector<MessageResult> const &results, TimestampTz now);

/// Queues at once what a sender that is gone had taken up. Only for the one sender there is.
void take_back_orphans(Catalog const &catalog, TimestampTz now);

} // namespace vero::pg
