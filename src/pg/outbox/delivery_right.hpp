// Whose jobs and mail these are: a copy of a database decides and sends nothing until it is told to.
#pragma once

#include "pg/sql/catalog.hpp"

namespace vero::pg {

/// Nothing in the database, cluster and data directory for which delivery was enabled, and in a standby of that which was promoted,
/// unless replication or a restore wrote its jobs or messages. Else the reason, a sentence. A copy brings along the row of its
/// original. Needs an SpiConnection. Throws Error.
std::optional<std::string> why_delivery_is_off(Catalog const &catalog);

inline bool is_delivery_enabled(Catalog const &catalog)
{
	return !why_delivery_is_off(catalog);
}

/// True while enable_delivery() writes: nothing else that is written into vero.delivery speaks for this database.
bool is_enabling_delivery();

/// Throws Report (55000) where it is not.
void require_delivery(Catalog const &catalog);

} // namespace vero::pg
