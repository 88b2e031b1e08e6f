// What belongs to the extension: objects are taken for its own by their membership, never by their names alone.
#pragma once

#include "pg/postgres.hpp"

namespace vero::pg {

/// The extension in this database; InvalidOid where it is not installed. To be called in call(), as all of these.
Oid find_extension();

/// True for a table, view or sequence that is a member of the extension.
bool is_own_relation(Oid relation);

/// Raises an ERROR that says why where `relation`, InvalidOid where there is none, is not the extension's table vero.`name`: 42704 where
/// the extension is not installed, else 42P01 or 55000.
void require_own_table(Oid relation, char const *name);

} // namespace vero::pg
