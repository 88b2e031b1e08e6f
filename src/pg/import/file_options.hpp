// Checks the options that say how a file is read, and how much of it may be wrong.
#pragma once

#include "pg/base/boundary.hpp"
#include "pg/import/import_options.hpp"

#include <string>
#include <vector>

namespace vero::pg {

/// 22023: an option is wrong in itself.
Report invalid_option(std::string message, std::string hint = "");

/// Each throws Report (22023, or COPY's own codes), Error where PostgreSQL finds a value wrong.
FileOptions check_file_options(GivenOptions const &given);
std::vector<TimeLayout> check_time_formats(std::vector<std::string> const &texts);
RejectLimit check_reject_limit(std::string const &text);
char check_decimal_mark(std::string const &text, bool has_property_types);

} // namespace vero::pg
