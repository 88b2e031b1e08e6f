// Looks for what rows refer to, where code of others has run since that was locked.
#pragma once

#include "pg/bulk/table_writer.hpp"

namespace vero::pg {

/// Whoever writes rows has locked what they refer to, so that nobody else removes it; a trigger in the same transaction can all the same. Looks the rows' own foreign keys up, as
/// `relation`, their table, has them: an ERROR of SQLSTATE 23503 where one is not there. To be called in call().
void require_referenced(TargetTable const &table, Relation relation, Rows const &rows);

} // namespace vero::pg
