// Mail that is written, and not to be sent after all: of contacts who unsubscribed or were deleted, of campaigns that are not
// active, or stopped.
#pragma once

#include "pg/sql/catalog.hpp"

extern "C" {
#include "datatype/timestamp.h"
}

namespace vero::pg {

/// A message as its sender knows it.
struct ClaimedMessage {
	std::int64_t id;
	std::int64_t claim; ///< vero.messages.claims
};

/// Locks the jobs of these messages, an array of their ids, to be called before the messages are changed: all who do so lock them in one order. To be
/// called in call().
void lock_jobs(Catalog const &catalog, Datum messages);

/// Takes out of `messages` those that are not to be sent now, and records that, where nobody else has taken them up since: a contact's who
/// has unsubscribed (but for transactional mail) or was deleted is cancelled, and its job discarded; one that is stopped, or of a campaign
/// that is not active, is queued and waits for that. `uncounted`: attempts that were counted for this and are none. Needs an
/// SpiConnection, as the rest here; acts as the owner. Throws Error.
void withhold_mail(Catalog const &catalog, std::vector<ClaimedMessage> &messages, int uncounted, TimestampTz now);

/// Has those be sent whose campaign is active again, or whose mail is started again. True where there may be more of them.
bool release_mail(Catalog const &catalog, TimestampTz now);

} // namespace vero::pg
