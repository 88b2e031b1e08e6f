// Writes times in layouts of strftime's letters: English names, UTC.
#include "core/time/time_format.hpp"

#include "core/time/time_parts.hpp"

#include <algorithm>
#include <chrono>

namespace vero {
namespace {

constexpr std::string_view kNumbers = "YymdejHIlMSs";
constexpr std::string_view kWords = "pPBbAaZzFTDR%";

/// An instant taken apart.
struct Moment {
	std::int64_t seconds; ///< since 1970-01-01 00:00 UTC
	std::int64_t year;
	unsigned month;		  ///< 1 to 12
	unsigned day;		  ///< 1 to 31
	unsigned day_of_year; ///< 1 to 366
	unsigned weekday;	  ///< 0: Sunday
	unsigned hour;
	unsigned minute;
	unsigned second;
};

Moment take_apart(std::int64_t instant_us)
{
	using namespace std::chrono;
	auto const since_epoch = floor<seconds>(microseconds(instant_us));
	auto const since_day_zero = floor<days>(since_epoch);
	// Years of <chrono> end at 32767: the calendar repeats itself every 400 years, weekdays included.
	constexpr std::int64_t kDaysInCycle = 146'097;
	constexpr std::int64_t kYearsInCycle = 400;
	auto const cycles = since_day_zero.count() / kDaysInCycle;
	sys_days const date(days(since_day_zero.count() % kDaysInCycle));
	year_month_day const calendar_date(date);
	hh_mm_ss const clock(since_epoch - since_day_zero);
	auto const day_of_year = (date - sys_days(calendar_date.year() / January / 1)).count() + 1;
	return {since_epoch.count(),
			static_cast<int>(calendar_date.year()) + cycles * kYearsInCycle,
			static_cast<unsigned>(calendar_date.month()),
			static_cast<unsigned>(calendar_date.day()),
			static_cast<unsigned>(day_of_year),
			weekday(date).c_encoding(),
			static_cast<unsigned>(clock.hours().count()),
			static_cast<unsigned>(clock.minutes().count()),
			static_cast<unsigned>(clock.seconds().count())};
}

/// A number and how it is filled up.
struct Number {
	std::int64_t value;
	std::size_t width; ///< digits at least
	char fill = '0';
};

Number number_of(Moment const &moment, char letter)
{
	constexpr unsigned kHalfDay = 12;
	unsigned const hour_of_half = moment.hour % kHalfDay == 0 ? kHalfDay : moment.hour % kHalfDay;
	switch (letter) {
	case 'Y':
		return {moment.year, 4};
	case 'y':
		return {(moment.year % 100 + 100) % 100, 2};
	case 'm':
		return {moment.month, 2};
	case 'd':
		return {moment.day, 2};
	case 'e':
		return {moment.day, 2, ' '};
	case 'j':
		return {moment.day_of_year, 3};
	case 'H':
		return {moment.hour, 2};
	case 'I':
		return {hour_of_half, 2};
	case 'l':
		return {hour_of_half, 2, ' '};
	case 'M':
		return {moment.minute, 2};
	case 'S':
		return {moment.second, 2};
	default: // s
		return {moment.seconds, 1};
	}
}

enum class Filling : unsigned char { kept, left_out };

void append_number(std::string &out, Number number, Filling filling)
{
	auto digits = std::to_string(number.value);
	if (number.value < 0) {
		out.push_back('-');
		digits.erase(0, 1);
	}
	if (filling == Filling::kept && digits.size() < number.width)
		out.append(number.width - digits.size(), number.fill);
	out += digits;
}

std::string_view word_of(Moment const &moment, char letter)
{
	constexpr unsigned kNoon = 12;
	switch (letter) {
	case 'p':
		return moment.hour < kNoon ? "AM" : "PM";
	case 'P':
		return moment.hour < kNoon ? "am" : "pm";
	case 'B':
		return kMonthNames[moment.month - 1];
	case 'b':
		return kMonthNames[moment.month - 1].substr(0, kShortName);
	case 'A':
		return kDayNames[moment.weekday];
	case 'a':
		return kDayNames[moment.weekday].substr(0, kShortName);
	case 'Z':
		return "UTC";
	case 'z':
		return "+0000";
	default: // %
		return "%";
	}
}

/// One `%` and what belongs to it.
struct Directive {
	std::size_t length;
	char letter; ///< 0: none that is known
	Filling filling;
};

Directive read_directive(std::string_view format, std::size_t at)
{
	bool const has_minus = at + 1 < format.size() && format[at + 1] == '-';
	std::size_t const letter_at = at + (has_minus ? 2 : 1);
	char const letter = letter_at < format.size() ? format[letter_at] : '\0';
	bool const is_number = kNumbers.find(letter) != std::string_view::npos;
	if (!is_number && (has_minus || kWords.find(letter) == std::string_view::npos))
		return {1, '\0', Filling::kept};
	return {letter_at + 1 - at, letter, has_minus ? Filling::left_out : Filling::kept};
}

void append_directive(std::string &out, Moment const &moment, Directive directive)
{
	if (kNumbers.find(directive.letter) != std::string_view::npos) {
		append_number(out, number_of(moment, directive.letter), directive.filling);
		return;
	}
	auto const layout = layout_of(directive.letter);
	if (layout.empty())
		out += word_of(moment, directive.letter);
	// A layout's letters are numbers, each behind its `%`.
	for (std::size_t i = 0; i < layout.size(); ++i) {
		if (layout[i] == '%') {
			append_number(out, number_of(moment, layout[++i]), Filling::kept);
		} else {
			out.push_back(layout[i]);
		}
	}
}

} // namespace

std::optional<std::size_t> find_unknown_time_letter(std::string_view format)
{
	for (auto at = format.find('%'); at != std::string_view::npos;) {
		auto const directive = read_directive(format, at);
		if (directive.letter == '\0')
			return at;
		at = format.find('%', at + directive.length);
	}
	return std::nullopt;
}

void append_time(std::string &out, std::int64_t instant_us, std::string_view format)
{
	auto const moment = take_apart(instant_us);
	for (std::size_t at = 0; at < format.size();) {
		auto const next = std::min(format.find('%', at), format.size());
		out += format.substr(at, next - at);
		at = next;
		if (at == format.size())
			return;
		auto const directive = read_directive(format, at);
		if (directive.letter == '\0') {
			out.push_back('%');
		} else {
			append_directive(out, moment, directive);
		}
		at += directive.length;
	}
}

} // namespace vero
