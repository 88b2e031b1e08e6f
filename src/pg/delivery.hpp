// Whose jobs and mail these are: a copy of a database decides and sends nothing until it is told to.
#pragma once

#include "pg/catalog.hpp"

namespace vero::pg {

/// True in the database, cluster and data directory for which delivery was enabled, and in a standby of that which was promoted. A copy
/// brings along the row of its original. Needs an SpiConnection. Throws Error.
bool is_delivery_enabled(Catalog const &catalog);

/// Throws Report (55000) where it is not.
void require_delivery(Catalog const &catalog);

} // namespace vero::pg
