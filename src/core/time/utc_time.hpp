// Writes an instant for people and for mail headers, in UTC.
#pragma once

#include <cstdint>
#include <string>

namespace vero {

/// `2022-01-31 13:05:06 UTC`. Fractions of a second are cut off; before the year 1900 or after 9999 it is the first or last
/// second of those. `time_us` counts from 1970-01-01 00:00 UTC, here and below.
std::string format_utc(std::int64_t time_us);

/// `2022-01-31T13:05:06.25+00:00`, as PostgreSQL writes a timestamptz into jsonb in UTC: fractions as far as they go. Without bounds; years
/// before 1 are those of ISO 8601.
std::string format_iso(std::int64_t time_us);

/// `Mon, 31 Jan 2022 13:05:06 +0000` (RFC 5322, section 3.3), with the same bounds.
std::string format_mail_date(std::int64_t time_us);

} // namespace vero
