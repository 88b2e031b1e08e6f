// Keeps code that somebody else put on a table from running with the rights of the table's owner.
#pragma once

#include "pg/sql/spi.hpp"

namespace vero::pg {

/// Raises 42501, naming it, where a statement that is about to be run as the current user would call, or fire on the tables that it writes,
/// a trigger, rule, check, default, index expression or policy whose function belongs to neither the table's owner, who is to be the
/// current user, nor a superuser. PostgreSQL's own functions are a superuser's. To be called in call(), where the plan will be executed.
void refuse_foreign_code(SPIPlanPtr plan);

} // namespace vero::pg
