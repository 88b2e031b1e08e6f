// Writes an instant for people and for mail headers, in UTC.
#include "core/time/utc_time.hpp"

#include "core/time/time_format.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>

namespace vero {

namespace {

namespace chrono = std::chrono;

constexpr std::int64_t first_of_year(int year)
{
	return chrono::sys_time<chrono::microseconds>(chrono::sys_days(chrono::year(year) / 1 / 1))
		.time_since_epoch()
		.count();
}

std::string format_bounded(std::int64_t time_us, std::string_view layout)
{
	std::string text;
	append_time(text, std::clamp(time_us, first_of_year(1900), first_of_year(10000) - 1), layout);
	return text;
}

} // namespace

std::string format_utc(std::int64_t time_us)
{
	return format_bounded(time_us, "%F %T %Z");
}

std::string format_iso(std::int64_t time_us)
{
	constexpr std::int64_t kSecond_us = 1'000'000;
	std::string text;
	append_time(text, time_us, "%FT%T");
	if (auto const fraction = (time_us % kSecond_us + kSecond_us) % kSecond_us; fraction != 0) {
		auto const digits = std::to_string(kSecond_us + fraction); // a 1 before six of them
		text += "." + digits.substr(1, digits.find_last_not_of('0'));
	}
	return text + "+00:00";
}

std::string format_mail_date(std::int64_t time_us)
{
	return format_bounded(time_us, "%a, %d %b %Y %T %z");
}

} // namespace vero
