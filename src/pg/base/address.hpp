// Addresses of people, as callers give them.
#pragma once

#include "pg/base/postgres.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace vero::pg {

/// The form in which contacts are known, of an address that is trimmed as a record's cells are. Nothing for what is no address.
std::optional<std::string> normal_email(std::string_view address);

/// The same. Throws Report with this SQLSTATE where it is none, and says why.
std::string require_normal_email(std::string_view address, int sqlstate = ERRCODE_INVALID_PARAMETER_VALUE);

} // namespace vero::pg
