// Reads the time of an event: ISO 8601 and RFC 3339 as PostgreSQL's timestamptz input reads them, nothing guessed.
#include "core/time/event_time.hpp"

#include "core/time/time_parts.hpp"

#include <chrono>

namespace vero {

namespace {

/// Whether separators stand between the parts: 2022-01-02 and 13:05, or 20220102 and 1305.
enum class Layout { extended, compact };

struct Date {
	std::int64_t days; ///< since 1970-01-01
	Layout layout;
};

struct TimeOfDay {
	std::int64_t seconds = 0; ///< up to and including a whole day
	std::int64_t micros = 0;  ///< 0 to 1,000,000: rounding does not carry, because only whole seconds choose the offset
	bool is_only_digits = false; ///< HHMM or HHMMSS
};

bool read_date(TimeCursor &cursor, Date &date)
{
	std::int32_t century = 0;
	std::int32_t year_of_century = 0;
	std::int32_t month = 0;
	std::int32_t day = 0;
	if (!cursor.read_two(century) || !cursor.read_two(year_of_century)) {
		return false;
	}
	date.layout = cursor.skip('-') ? Layout::extended : Layout::compact;
	if (!cursor.read_two(month) || (date.layout == Layout::extended && !cursor.skip('-')) || !cursor.read_two(day)) {
		return false;
	}
	std::chrono::year_month_day const calendar_date(std::chrono::year(century * 100 + year_of_century),
													std::chrono::month(static_cast<unsigned>(month)),
													std::chrono::day(static_cast<unsigned>(day)));
	if (!calendar_date.ok() || calendar_date.year() == std::chrono::year(0)) {
		return false;
	}
	date.days = std::chrono::sys_days(calendar_date).time_since_epoch().count();
	return true;
}

/// A compact time may stand only where `layout` is compact, an extended one anywhere.
bool read_time(TimeCursor &cursor, Layout layout, TimeOfDay &time)
{
	std::int32_t hour = 0;
	std::int32_t minute = 0;
	std::int32_t second = 0;
	if (!cursor.read_two(hour)) {
		return false;
	}
	bool const has_colon = cursor.skip(':');
	if ((!has_colon && layout != Layout::compact) || !cursor.read_two(minute) || minute > 59) {
		return false;
	}
	time.is_only_digits = !has_colon;
	if (has_colon ? cursor.skip(':') : cursor.is_at_digit()) {
		if (!cursor.read_two(second) || second > 60) {
			return false;
		}
		if (cursor.skip('.')) {
			auto const digits = cursor.take_digits();
			if (digits.empty()) {
				return false;
			}
			time.micros = round_fraction(digits);
			time.is_only_digits = false;
		}
	}
	time.seconds = (hour * 60 + minute) * 60 + second;
	return time.seconds * kMicrosPerSecond + time.micros <= kSecondsPerDay * kMicrosPerSecond;
}

/// `Z`, `UTC`, `GMT` in any case, +HH, +HHMM, +HH:MM or the like with -, into seconds east of UTC.
bool read_offset(TimeCursor &cursor, std::int32_t &offset_s)
{
	if (cursor.skip('Z') || cursor.skip('z')) {
		offset_s = 0;
		return true;
	}
	bool const is_west = cursor.is_at('-');
	if (!cursor.skip('+') && !cursor.skip('-')) {
		offset_s = 0;
		return cursor.skip_word("UTC") || cursor.skip_word("GMT");
	}
	std::int32_t hours = 0;
	std::int32_t minutes = 0;
	if (!cursor.read_two(hours) || hours > kMaxOffsetHours) {
		return false;
	}
	if ((cursor.skip(':') || cursor.is_at_digit()) && (!cursor.read_two(minutes) || minutes > 59)) {
		return false;
	}
	offset_s = (hours * 60 + minutes) * 60 * (is_west ? -1 : 1);
	return true;
}

/// What follows the date: a time and, if anything is behind it, an offset.
bool read_time_and_offset(TimeCursor &cursor, Layout date_layout, TimeOfDay &time,
						  std::optional<std::int32_t> &offset_s)
{
	bool const has_letter = cursor.skip('T') || cursor.skip('t');
	if (!has_letter && !cursor.skip_spaces()) {
		return false;
	}
	if (!read_time(cursor, has_letter ? date_layout : Layout::extended, time)) {
		return false;
	}
	if (cursor.is_at_end()) {
		return true;
	}
	// To PostgreSQL 1305-05 is one word that ends before a colon, so it refuses 20220102T1305-05:30 and so do we.
	if (time.is_only_digits && cursor.is_at('-') && cursor.has_ahead(':')) {
		return false;
	}
	cursor.skip_spaces();
	return read_offset(cursor, offset_s.emplace()) && cursor.is_at_end();
}

} // namespace

std::optional<std::int64_t> parse_event_time(std::string_view text, TimeZone const &zone)
{
	TimeCursor cursor(text);
	Date date{};
	TimeOfDay time;
	std::optional<std::int32_t> offset_s;
	if (!read_date(cursor, date)) {
		return std::nullopt;
	}
	if (!cursor.is_at_end() && !read_time_and_offset(cursor, date.layout, time, offset_s)) {
		return std::nullopt;
	}
	std::int64_t const local_s = date.days * kSecondsPerDay + time.seconds;
	std::int64_t const instant_s = local_s - (offset_s ? *offset_s : zone.offset_at_local(local_s));
	return instant_s * kMicrosPerSecond + time.micros;
}

} // namespace vero
