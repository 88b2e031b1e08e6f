// PostgreSQL's time zones as tables for the core.
#pragma once

#include "core/time/time_layout.hpp"

#include <optional>
#include <string>

namespace vero::pg {

/// The zone of that name, which is whatever SET TimeZone takes, with the meaning that it has there; else the session's TimeZone. Valid
/// until the next call. Throws Error (22023) where there is none of that name.
///
/// Every change of offset of the years 1 to 9999 is asked of PostgreSQL once (pg_next_dst_boundary), so that local times mean
/// to the core exactly what they mean to timestamptz input, POSIX zones and the far future included.
TimeZone const &find_time_zone(std::optional<std::string> const &name);

/// Zones by the names that stand in files: abbreviations (timezone_abbreviations), else names of PostgreSQL's zones, with the meaning that
/// they have in timestamptz input. It calls PostgreSQL, and may throw Error.
NamedZones find_named_zones();

/// Throws Error where find_time_zone() does. Warns of names whose sign means the opposite of what ISO 8601 means by it, such as "UTC+3".
void check_time_zone(std::string const &name);

} // namespace vero::pg
