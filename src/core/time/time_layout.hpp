// Reads times in a layout that somebody has told, in strptime's letters: the whole text or nothing, and nothing guessed.
#pragma once

#include "core/text/result.hpp"
#include "core/time/time_zone.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vero {

constexpr std::size_t kMaxTimeLayouts = 50;		  // of an import
constexpr std::size_t kMaxTimeLayoutLength = 200; // bytes

/// What may stand behind a `%`, for messages.
constexpr std::string_view kReadTimeLetters =
	"%Y %y %m %d %e %j %b %B %h %a %A %H %I %l %M %S %f %p %P %z %Z %F %T %D %R %%";

/// The offset that a zone known by its name has at a local time (seconds since 1970-01-01 00:00 local), in seconds east of UTC; nothing
/// where there is no zone of that name. Called on the thread that reads.
using NamedZones = std::function<std::optional<std::int32_t>(std::string_view name, std::int64_t local_s)>;

/// Which part of a time does not exist: the 30th of February, hour 25.
enum class TimePart : unsigned char {
	year,
	month,
	day,
	day_of_year,
	weekday,
	hour,
	hour_of_12,
	minute,
	second,
	clock,
	offset,
	zone
};

struct TimeFault {
	TimePart part;
	std::int32_t value; ///< what was read; of a weekday, the right one, 0 for Sunday

	/// "there is no hour 25"
	std::string words() const;
};

/// What a layout makes of a text: an instant; or a fault, where the text has the layout; or neither.
struct TimeReading {
	std::optional<std::int64_t> instant_us; ///< since 1970-01-01 00:00 UTC
	std::optional<TimeFault> fault;
};

/// Why a text is no layout that names an instant.
struct LayoutError {
	std::string message;				 ///< "has no year"
	std::optional<std::size_t> position; ///< of the character at fault, from 1
	std::string hint;
};

/// One layout, ready for use. Immutable, so any number of threads may read with it.
///
/// Letters are strptime's (POSIX): numbers of the day, month, hour, minute and second have one or two digits, but as many as there can be
/// where another number stands right beside them; %Y has four digits, %y two (69 to 99 are of the 20th century); %b and %a take full
/// and short English names in any case, Sept among them; a `-` between `%` and the letter of a number changes nothing. %S takes a fraction, unless a
/// point follows in the layout; %f is the digits of a fraction. %z is `Z`, `UTC`, `GMT`, +H, +HH, +HHMM, +H:MM or +HH:MM, or with -; %Z the
/// name of a zone. White space is any amount of it but none, no-break spaces included; all else stands for itself.
/// `unix_s`, `unix_ms` and `unix_us` are the numbers of 9 or 10, 12 or 13, and 15 or 16 digits, which are the years 1973 to 2286 in one of the
/// units only; a fraction may follow.
class TimeLayout {
public:
	/// Refused: what cannot name an instant, names a part twice, or reads a text otherwise than ISO 8601, which comes first.
	static Result<TimeLayout, LayoutError> compile(std::string_view text);

	/// `text` is trimmed. Without an offset or a named zone the time is local to `zone`, as in parse_event_time().
	TimeReading read(std::string_view text, TimeZone const &zone, NamedZones const &zones = {}) const;

	/// Whether `text` begins with what the layout takes, and no digit follows, so that a longer layout may take all of it. Every text does for
	/// a unix layout.
	bool takes_start_of(std::string_view text) const;

	std::string const &text() const { return text_; }
	bool has_named_zone() const { return has_named_zone_; }

	/// What a step takes.
	enum class Kind : unsigned char {
		byte,
		blank,
		number,
		fraction,
		year_of_century,
		half_day,
		month_name,
		day_name,
		offset,
		zone
	};
	enum class Field : unsigned char { year, month, day, day_of_year, hour, minute, second };
	struct Step {
		Kind kind;
		char byte = 0;
		Field field = Field::year; ///< of a number
		std::uint8_t least_digits = 1;
		std::uint8_t most_digits = 2;
		bool may_be_padded = false;	 ///< by spaces before it
		bool takes_fraction = false; ///< behind the seconds
	};

private:
	friend class LayoutCompiler;

	std::string text_;
	std::vector<Step> steps_;
	std::int32_t epoch_digits_ = 0; ///< of a unix layout: 10, 13 or 16; else 0
	bool is_12_hours_ = false;
	bool has_day_of_year_ = false;
	bool has_named_zone_ = false;
};

/// The layouts of an import, in the order in which they are tried, after ISO 8601.
struct TimeLayouts {
	std::vector<TimeLayout> list;
	NamedZones zones; ///< for %Z
};

} // namespace vero
