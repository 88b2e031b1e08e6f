// Whose an import is: the role's that made it.
//
// A name may be another role's later, and an OID means something only in the cluster where it was given. So an import is a role's
// where OID and name are both the role's, in the same cluster; in any other the rows are nobody's until their owner says whose they
// are (vero.assign_imports).
#pragma once

#include "pg/base/hooks.hpp"
#include "pg/sql/catalog.hpp"

namespace vero::pg {

/// Imports follow a role that is renamed from a database that has them. A UtilityPart.
void follow_role_renames(UtilityCall const &statement);

/// Whether the caller made the import, or may DELETE from vero.events. Needs an SpiConnection. Throws Error.
bool may_change_import(Catalog const &catalog, std::int64_t import);

/// Demands that the caller made the import, or may DELETE from vero.events: `action` says what for, "undo". Needs an SpiConnection. Throws Report
/// (42501), where there is no such import, too.
void check_import_owner(Catalog const &catalog, std::int64_t import, char const *action);

} // namespace vero::pg
