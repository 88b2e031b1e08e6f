// The arguments that functions of SQL have in common: what a file is, and how it is read.
#pragma once

#include "pg/import/import_options.hpp"

namespace vero::pg {

/// A text[]; nothing for null. Throws Error, Report.
std::optional<std::vector<std::string>> array_argument(FunctionCallInfo fcinfo, int argument);

/// Nothing for null.
std::optional<bool> boolean_argument(FunctionCallInfo fcinfo, int argument);

/// Reads the arguments from `columns` to `compression`, and from `delimiter` to `encoding`, which stand side by side in the order of
/// import_events_csv(). These are the places of the first ones. Throws Error, Report.
void read_reading_arguments(FunctionCallInfo fcinfo, int columns, int delimiter, GivenOptions &given);

} // namespace vero::pg
