// Reads the time of an event: ISO 8601 and RFC 3339 as PostgreSQL's timestamptz input reads them, nothing guessed.
#pragma once

#include "core/time/time_zone.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace vero {

/// Microseconds since 1970-01-01 00:00 UTC, or nothing where the text is no such time.
///
/// Accepted: a calendar date YYYY-MM-DD or YYYYMMDD, years 0001 to 9999; alone it is midnight. After it `T`, `t` or one or
/// more spaces and a time HH:MM[:SS[.fraction]] (after YYYYMMDD and T also HHMM[SS[.fraction]]); after the time an offset
/// `Z`, `UTC`, `GMT` (in any case), +HH, +HHMM, +HH:MM (or -), with or without spaces before it. 24:00:00 and second 60 count as PostgreSQL counts
/// them; offsets reach to 15:59. A fraction has any number of digits and is rounded as PostgreSQL rounds. Without an offset
/// the time is local to `zone`. Refused, as PostgreSQL refuses it: -HH:MM right behind HHMM or HHMMSS.
/// What is accepted denotes the instant that timestamptz input gives for the same text with TimeZone set to `zone`.
/// `text` is trimmed.
std::optional<std::int64_t> parse_event_time(std::string_view text, TimeZone const &zone);

} // namespace vero
