// Fuzzes the reading of times against a plain reader, and writes each accepted time again to read it once more.
#include "core/time/event_time.hpp"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace {

constexpr std::int64_t seconds_per_day = 86'400;
constexpr std::int64_t micros_per_day = seconds_per_day * 1'000'000;

void require(bool condition)
{
	if (!condition) {
		__builtin_trap();
	}
}

/// What the shape of a text says about its offset.
struct Offset {
	bool is_given = false;
	int sign = 1;
	std::size_t digits = 0;
};

/// Every shape that is accepted: 9 stands for a digit, .9 for a fraction, one space for any number of them.
std::map<std::string, Offset> list_shapes()
{
	std::map<std::string, Offset> shapes = {{"9999-99-99", {}}, {"99999999", {}}};
	auto const add = [&shapes](std::string const &local, bool is_only_digits) {
		shapes[local] = {};
		for (std::string const space : {"", " "}) {
			for (std::string const word : {"Z", "UTC", "GMT"}) {
				shapes[local + space + word] = {true, 1, 0};
			}
			for (int const sign : {-1, 1}) {
				auto const start = local + space + (sign < 0 ? '-' : '+');
				shapes[start + "99"] = {true, sign, 2};
				shapes[start + "9999"] = {true, sign, 4};
				if (!is_only_digits || sign > 0 || space == " ") {
					shapes[start + "99:99"] = {true, sign, 4};
				}
			}
		}
	};
	for (std::string const clock : {"99:99", "99:99:99", "99:99:99.9"}) {
		for (std::string const day : {"9999-99-99T", "9999-99-99 ", "99999999T", "99999999 "}) {
			add(day + clock, false);
		}
	}
	add("99999999T9999", true);
	add("99999999T999999", true);
	add("99999999T999999.9", false);
	return shapes;
}

/// The shape of a text, its digits outside and inside fractions.
std::string shape_of(std::string const &text, std::string &digits, std::string &fraction)
{
	std::string shape;
	bool in_fraction = false;
	for (char const c : text) {
		bool const is_digit = c >= '0' && c <= '9';
		in_fraction = is_digit ? in_fraction : c == '.';
		if (is_digit) {
			(in_fraction ? fraction : digits).push_back(c);
		}
		bool const is_of_word = std::string_view("utcgmz").find(c) != std::string_view::npos;
		char const sign = is_digit ? '9' : is_of_word ? static_cast<char>(c - 'a' + 'A') : c;
		bool const repeats = !shape.empty() && shape.back() == sign && (sign == ' ' || (is_digit && in_fraction));
		if (!repeats) {
			shape.push_back(sign);
		}
	}
	return shape;
}

int days_in(int year, int month)
{
	static constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool const is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

/// Days since 1970-01-01, counted.
std::int64_t count_days(int year, int month, int day)
{
	std::int64_t const before = year - 1;
	std::int64_t days = before * 365 + before / 4 - before / 100 + before / 400 - 719'162;
	for (int earlier = 1; earlier < month; ++earlier) {
		days += days_in(year, earlier);
	}
	return days + day - 1;
}

std::optional<std::int64_t> parse_plain(std::string const &text, vero::TimeZone const &zone)
{
	static std::map<std::string, Offset> const shapes = list_shapes();
	std::string digits;
	std::string fraction;
	auto const found = shapes.find(shape_of(text, digits, fraction));
	if (found == shapes.end()) {
		return std::nullopt;
	}
	auto const &offset = found->second;
	auto const number = [&digits](std::size_t from, std::size_t count) {
		return from + count > digits.size() ? 0 : std::atoi(digits.substr(from, count).c_str());
	};
	int const year = number(0, 4);
	int const month = number(4, 2);
	int const day = number(6, 2);
	std::size_t const clock_end = digits.size() - offset.digits;
	int const second = clock_end >= 14 ? number(12, 2) : 0;
	int const offset_hours = offset.digits >= 2 ? number(clock_end, 2) : 0;
	int const offset_minutes = offset.digits == 4 ? number(clock_end + 2, 2) : 0;
	int const minute = clock_end >= 12 ? number(10, 2) : 0;
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in(year, month) || minute > 59 || second > 60 ||
		offset_hours > 15 || offset_minutes > 59) {
		return std::nullopt;
	}
	std::int64_t const clock = ((clock_end >= 12 ? number(8, 2) : 0) * 60 + minute) * 60 + second;
	auto const micros = std::llrint(std::strtod(("0." + fraction + "0").c_str(), nullptr) * 1e6);
	if (clock * 1'000'000 + micros > micros_per_day) {
		return std::nullopt;
	}
	std::int64_t const local_s = count_days(year, month, day) * seconds_per_day + clock;
	std::int64_t const given_s = (offset_hours * 60 + offset_minutes) * 60 * offset.sign;
	return (local_s - (offset.is_given ? given_s : zone.offset_at_local(local_s))) * 1'000'000 + micros;
}

/// YYYY-MM-DDTHH:MM:SS.ffffffZ
std::string format(std::int64_t instant)
{
	auto days = instant / micros_per_day - (instant % micros_per_day < 0 ? 1 : 0);
	auto rest = instant - days * micros_per_day;
	int year = 1;
	while (year < 9999 && count_days(year + 1, 1, 1) <= days) {
		++year;
	}
	int month = 1;
	while (month < 12 && count_days(year, month + 1, 1) <= days) {
		++month;
	}
	auto const day = days - count_days(year, month, 1) + 1;
	auto const padded = [](std::int64_t value, std::size_t width) {
		auto const number = std::to_string(value);
		return std::string(width - number.size(), '0') + number;
	};
	auto const seconds = rest / 1'000'000;
	return padded(year, 4) + '-' + padded(month, 2) + '-' + padded(day, 2) + 'T' + padded(seconds / 3600, 2) + ':' +
		   padded(seconds / 60 % 60, 2) + ':' + padded(seconds % 60, 2) + '.' + padded(rest % 1'000'000, 6) + 'Z';
}

void check(std::string const &text, vero::TimeZone const &zone)
{
	auto const instant = vero::parse_event_time(text, zone);
	require(instant == parse_plain(text, zone));
	// The canonical form has no year 0 and none of five digits.
	if (instant && *instant >= count_days(1, 1, 1) * micros_per_day &&
		*instant < count_days(9999, 12, 31) * micros_per_day) {
		require(vero::parse_event_time(format(*instant), zone) == instant);
	}
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const *data, std::size_t size)
{
	// Europe/Berlin in 2022.
	static vero::TimeZone const berlin(3600, {{1'648'342'800, 7200}, {1'667'091'600, 3600}});
	static vero::TimeZone const utc;
	std::string const text(reinterpret_cast<char const *>(data), size);
	check(text, utc);
	check(text, berlin);
	return 0;
}
