// Keeps workers out of databases that are dropped, copied, renamed or moved.
#pragma once

#include "pg/base/hooks.hpp"

namespace vero::pg {

/// Ends the workers of a database that the statement wants for itself, and keeps new ones away. A UtilityPart.
void hold_databases(UtilityCall const &statement);

/// Lets workers in again, once others see what became of the database. Called where a transaction ends.
void release_databases(XactEvent event);

} // namespace vero::pg
