// What became of one person's events where Citus distributes them.
#pragma once

#include "pg/sql/spi.hpp"

#include <string_view>

namespace vero::pg {

/// The rows of vero.decisions, which is `view`, for one address and campaign, but without what all other nodes have: one is asked for the person's
/// events. In the order of their time; columns are event_id, event_name, occurred_at, import_id, state, message_id and why. As the owner of the view, whose
/// rights it has: the caller has to have those to see all of it. To be called in call(); needs an SpiConnection.
Executed find_spread_decisions(Oid view, std::string_view email, std::string_view campaign);

} // namespace vero::pg
