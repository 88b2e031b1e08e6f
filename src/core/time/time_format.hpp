// Writes times in layouts of strftime's letters: English names, UTC.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vero {

/// What may stand behind a `%`, for messages.
constexpr std::string_view kTimeLetters = "%Y %y %m %d %e %j %H %I %l %M %S %p %P %B %b %A %a %Z %z %F %T %D %R %s %%";

/// Where the first `%` stands that no letter of kTimeLetters follows. A `-` between `%` and the letter of a number
/// leaves out what fills it up: `%-d` is 2, `%d` is 02, `%e` is 2 behind a space.
std::optional<std::size_t> find_unknown_time_letter(std::string_view format);

/// Appends the instant, in microseconds since 1970-01-01 00:00 UTC, as `format` says; fractions of a second are dropped
/// (rounded down). Years are those of ISO 8601: 0 is the year before 1, four digits at least. `%` with an unknown letter
/// is written as it stands.
void append_time(std::string &out, std::int64_t instant_us, std::string_view format);

} // namespace vero
