// Checks the options that say what the cells of properties become.
#pragma once

#include "core/intake/columns.hpp"
#include "pg/base/postgres.hpp"

#include <string>

namespace vero::pg {

/// The option `property_types`, which is jsonb. Throws Report (22023) where it is wrong in itself.
PropertyTypes check_property_types(Datum property_types);

/// The option `decimal_mark`. Throws Report (22023).
char check_decimal_mark(std::string const &text, bool has_property_types);

} // namespace vero::pg
