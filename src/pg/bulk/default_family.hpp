// Which family of operators an index uses where nothing else is said.
#pragma once

#include "pg/base/postgres.hpp"

namespace vero::pg {

/// That of the default operator class for one of PostgreSQL's own types, whose classes are made by initdb and stay: it is looked for once, since
/// GetDefaultOpClass() reads a catalog from one end to the other. To be called in call().
Oid default_family(Oid type, Oid access_method);

} // namespace vero::pg
