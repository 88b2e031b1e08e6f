// Says why a text was not read as a time, and which layouts would read it.
#pragma once

#include "core/time/time_layout.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vero {

/// Layouts that files often have, none of which ISO 8601 takes. Two may read the same text as different times.
std::span<TimeLayout const> common_time_layouts();

/// Those of them that read `text`, in a fixed order: "01/02/2022" fits %d/%m/%Y and %m/%d/%Y.
std::vector<std::string_view> find_fitting_layouts(std::string_view text);

/// Which day, hour or the like does not exist, where the text is written as in ISO 8601.
std::optional<TimeFault> find_iso_fault(std::string_view text);

/// One sentence about a text that neither ISO 8601 nor any of `layouts` reads, in PostgreSQL's style. `where` stands behind the text, and
/// may be empty.
std::string explain_unread_time(std::string_view text, std::string_view where, TimeZone const &zone,
								TimeLayouts const &layouts);

} // namespace vero
