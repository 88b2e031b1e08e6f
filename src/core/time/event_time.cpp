// Reads the time of an event: ISO 8601 and RFC 3339 as PostgreSQL's timestamptz input reads them, nothing guessed.
#include "core/time/event_time.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <iterator>

namespace vero {

namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int32_t kMaxOffsetHours = 15;

constexpr bool is_digit(char c)
{
	return static_cast<unsigned char>(c - '0') < 10;
}

/// Reads a text from left to right, and holds what is left of it.
class Cursor {
public:
	explicit Cursor(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

	bool is_at_end() const { return at_ == end_; }
	bool is_at(char c) const { return at_ != end_ && *at_ == c; }
	bool is_at_digit() const { return at_ != end_ && is_digit(*at_); }
	bool has_ahead(char c) const { return std::find(at_, end_, c) != end_; }

	bool skip(char c)
	{
		bool const found = is_at(c);
		at_ += found ? 1 : 0;
		return found;
	}

	bool skip_spaces()
	{
		char const *const start = at_;
		while (skip(' ')) {
		}
		return at_ != start;
	}

	/// Reads two digits into `value`.
	bool read_two(std::int32_t &value)
	{
		if (end_ - at_ < 2 || !is_digit(at_[0]) || !is_digit(at_[1])) {
			return false;
		}
		value = (at_[0] - '0') * 10 + (at_[1] - '0');
		at_ += 2;
		return true;
	}

	/// All digits from here on; possibly none.
	std::string_view take_digits()
	{
		char const *const start = at_;
		at_ = std::find_if_not(at_, end_, is_digit);
		return {start, static_cast<std::size_t>(at_ - start)};
	}

private:
	char const *at_;
	char const *end_;
};

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

bool read_date(Cursor &cursor, Date &date)
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

/// The digits behind the point, as PostgreSQL rounds them: rint(strtod(".ddd") * 1000000).
std::int64_t round_fraction(std::string_view digits)
{
	static constexpr double kPowersOfTen[] = {1e0, 1e1, 1e2,  1e3,	1e4,  1e5,	1e6,  1e7,
											  1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
	double fraction = 0;
	if (digits.size() < std::size(kPowersOfTen)) {
		// Both numbers are exact, so their quotient is the double nearest to the decimal: what strtod gives.
		std::int64_t number = 0;
		for (char const digit : digits) {
			number = number * 10 + (digit - '0');
		}
		fraction = static_cast<double>(number) / kPowersOfTen[digits.size()];
	} else {
		// The point stands before the digits. What is too small for a double stays 0.
		std::from_chars(digits.data() - 1, digits.data() + digits.size(), fraction, std::chars_format::fixed);
	}
	return std::llrint(fraction * static_cast<double>(kMicrosPerSecond));
}

/// A compact time may stand only where `layout` is compact, an extended one anywhere.
bool read_time(Cursor &cursor, Layout layout, TimeOfDay &time)
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

/// `Z`, `z`, +HH, +HHMM, +HH:MM or the like with -, into seconds east of UTC.
bool read_offset(Cursor &cursor, std::int32_t &offset_s)
{
	if (cursor.skip('Z') || cursor.skip('z')) {
		offset_s = 0;
		return true;
	}
	bool const is_west = cursor.is_at('-');
	if (!cursor.skip('+') && !cursor.skip('-')) {
		return false;
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
bool read_time_and_offset(Cursor &cursor, Layout date_layout, TimeOfDay &time, std::optional<std::int32_t> &offset_s)
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
	Cursor cursor(text);
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
