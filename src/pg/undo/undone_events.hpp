// Removes the events of an import.
#pragma once

#include "pg/sql/catalog.hpp"

namespace vero::pg {

/// Says how many. To be called with an SpiConnection. Throws Error; Report (55000) where something that others put on the table, or on a
/// partition, keeps some.
std::int64_t remove_events(Catalog const &catalog, std::int64_t import);

} // namespace vero::pg
