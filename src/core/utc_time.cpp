// Writes an instant for people and for mail headers, in UTC.
#include "core/utc_time.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace vero {

namespace {

namespace chrono = std::chrono;

struct UtcTime {
	int year;
	unsigned month; ///< 1 to 12
	unsigned day;
	unsigned weekday; ///< Sunday = 0
	int hour;
	int minute;
	int second;
};

UtcTime to_utc(std::int64_t time_us)
{
	constexpr chrono::sys_seconds first = chrono::sys_days{chrono::year{1900} / 1 / 1};
	constexpr chrono::sys_seconds last = chrono::sys_days{chrono::year{10000} / 1 / 1} - chrono::seconds{1};
	auto const whole =
		chrono::floor<chrono::seconds>(chrono::sys_time<chrono::microseconds>{chrono::microseconds{time_us}});
	auto const time = std::clamp(whole, first, last);
	auto const day = chrono::floor<chrono::days>(time);
	chrono::year_month_day const date{day};
	chrono::hh_mm_ss const clock{time - day};
	return {static_cast<int>(date.year()),
			static_cast<unsigned>(date.month()),
			static_cast<unsigned>(date.day()),
			chrono::weekday{day}.c_encoding(),
			static_cast<int>(clock.hours().count()),
			static_cast<int>(clock.minutes().count()),
			static_cast<int>(clock.seconds().count())};
}

} // namespace

std::string format_utc(std::int64_t time_us)
{
	auto const t = to_utc(time_us);
	std::array<char, 64> text{};
	std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d UTC", t.year, t.month, t.day, t.hour,
				  t.minute, t.second);
	return text.data();
}

std::string format_mail_date(std::int64_t time_us)
{
	static constexpr std::array weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
									   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	auto const t = to_utc(time_us);
	std::array<char, 64> text{};
	std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d +0000", weekdays.at(t.weekday), t.day,
				  months.at(t.month - 1), t.year, t.hour, t.minute, t.second);
	return text.data();
}

} // namespace vero
