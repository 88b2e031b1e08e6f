// Campaign mail that is sent to try it out, and not to the contact.
#pragma once

#include "pg/outbox/outbox.hpp"

namespace vero::pg {

/// Writes it into vero.messages for these addresses, marked as a test and queued where it can be sent, as the owner, and gives its id. Where
/// it cannot be sent it is stored, which a WARNING says. Needs an SpiConnection. Throws Error.
std::int64_t put_test_into_outbox(Catalog const &catalog, CampaignMail const &mail,
								  std::vector<std::string> const &recipients);

} // namespace vero::pg
