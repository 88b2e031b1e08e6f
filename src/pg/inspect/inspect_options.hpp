// Adds advice to the options of an import, and writes them down as a call.
#pragma once

#include "core/inspect/advice.hpp"
#include "pg/import/import_options.hpp"

namespace vero::pg {

/// Adds what is advised. Throws Error.
void add_advice(GivenOptions &given, Advice const &advice);
void add_types(GivenOptions &given, TypeAdvice const &advice);

/// SELECT * FROM import_events_csv(...) of the source that `argument` is, with these options. Of the two layouts in `doubt` neither is given:
/// they stand in a comment. Throws Error.
std::string write_call(std::string const &argument, GivenOptions const &given, std::optional<LayoutDoubt> const &doubt);

} // namespace vero::pg
