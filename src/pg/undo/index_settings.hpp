// Has statements find their rows by the tables' indexes, whatever the caller has set and the planner thinks.
#pragma once

#include "pg/base/postgres.hpp"

namespace vero::pg {

/// For the rest of the scope of as_owner(), in which it is to be called: tables are read whole only where they have no index.
void use_indexes();

} // namespace vero::pg
