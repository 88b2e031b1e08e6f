// Checks times in layouts of strftime's letters, against strftime itself where it knows them.
#include "core/time/time_format.hpp"

#include <ctime>
#include <gtest/gtest.h>
#include <limits>
#include <random>

namespace vero {

namespace {

using namespace std::string_literals;

constexpr std::int64_t kSecond = 1'000'000;

std::string formatted(std::int64_t instant_us, std::string_view format)
{
	std::string out;
	append_time(out, instant_us, format);
	return out;
}

std::string formatted_by_c_library(std::int64_t seconds, char const *format)
{
	std::time_t const time = seconds;
	std::tm parts{};
	gmtime_r(&time, &parts);
	char text[200];
	return {text, std::strftime(text, sizeof text, format, &parts)};
}

} // namespace

TEST(TimeFormat, KnowsItsLetters)
{
	auto const at = [](std::string_view format) { return formatted(1'641'092'706 * kSecond, format); };
	EXPECT_EQ(at("%Y %y %m %d %e %j %H %I %l %M %S %p %P %B %b %A %a %Z %z %F %T %D %R %s %%"),
			  "2022 22 01 02  2 002 03 03  3 05 06 AM am January Jan Sunday Sun UTC +0000 2022-01-02 03:05:06 01/02/22 "
			  "03:05 1641092706 %");
	EXPECT_EQ(at("%-d.%-m.%-y %-H:%-M:%-S %-I %-l %-j %-e %-Y %-s"), "2.1.22 3:5:6 3 3 2 2 2022 1641092706");
	EXPECT_EQ(at(""), "");
	EXPECT_EQ(at("at %H o'clock, \xC3\xA9"), "at 03 o'clock, \xC3\xA9");
	EXPECT_EQ(at("%%d %%%d"), "%d %02");
	std::string out = "kept ";
	append_time(out, 0, "%Y");
	EXPECT_EQ(out, "kept 1970");
}

TEST(TimeFormat, KnowsNoonAndMidnight)
{
	auto const at_hour = [](int hour) { return formatted(hour * 3600 * kSecond, "%I %l %p %P"); };
	EXPECT_EQ(at_hour(0), "12 12 AM am");
	EXPECT_EQ(at_hour(11), "11 11 AM am");
	EXPECT_EQ(at_hour(12), "12 12 PM pm");
	EXPECT_EQ(at_hour(13), "01  1 PM pm");
	EXPECT_EQ(at_hour(23), "11 11 PM pm");
}

TEST(TimeFormat, RoundsDown)
{
	EXPECT_EQ(formatted(kSecond - 1, "%T"), "00:00:00");
	EXPECT_EQ(formatted(-1, "%F %T"), "1969-12-31 23:59:59");
	EXPECT_EQ(formatted(-1, "%s"), "-1");
}

TEST(TimeFormat, KnowsEveryYear)
{
	auto const at_day = [](std::int64_t day, std::string_view format) {
		return formatted(day * 86'400 * kSecond, format);
	};
	EXPECT_EQ(at_day(-719'162, "%F %A"), "0001-01-01 Monday");
	EXPECT_EQ(at_day(-719'163, "%F %y"), "0000-12-31 00");
	EXPECT_EQ(at_day(-719'528 - 1, "%F %y %-Y"), "-0001-12-31 99 -1");
	EXPECT_EQ(at_day(2'932'897, "%F"), "10000-01-01");
	// The whole range, weekdays included, as the proleptic Gregorian calendar continues.
	EXPECT_EQ(formatted(std::numeric_limits<std::int64_t>::max(), "%F %T %a"), "294247-01-10 04:00:54 Sun");
	EXPECT_EQ(formatted(std::numeric_limits<std::int64_t>::min(), "%F %T %a"), "-290308-12-21 19:59:05 Sun");
}

TEST(TimeFormat, AgreesWithTheCLibrary)
{
	std::mt19937_64 random(1);
	std::uniform_int_distribution<std::int64_t> seconds(-62'135'596'800, 253'402'300'799); // years 1 to 9999
	for (int i = 0; i < 20'000; ++i) {
		auto const time = seconds(random);
		constexpr auto const *layout = "%m %d %e %j %H %I %l %M %S %p %P %B %b %A %a %y %D %T %R %s %-d %-m %-H";
		ASSERT_EQ(formatted(time * kSecond, layout), formatted_by_c_library(time, layout)) << time;
		ASSERT_EQ(std::stoi(formatted(time * kSecond, "%Y")), std::stoi(formatted_by_c_library(time, "%Y")));
	}
}

TEST(TimeFormat, FindsUnknownLetters)
{
	EXPECT_EQ(find_unknown_time_letter(kTimeLetters), std::nullopt);
	EXPECT_EQ(find_unknown_time_letter(""), std::nullopt);
	EXPECT_EQ(find_unknown_time_letter("%-d %-m %-Y %-s"), std::nullopt);
	EXPECT_EQ(find_unknown_time_letter("%%Q"), std::nullopt);
	EXPECT_EQ(find_unknown_time_letter("%Y %Q"), 3);
	EXPECT_EQ(find_unknown_time_letter("%"), 0);
	EXPECT_EQ(find_unknown_time_letter("%d%"), 2);
	EXPECT_EQ(find_unknown_time_letter("%-"), 0);
	EXPECT_EQ(find_unknown_time_letter("%-B"), 0);
	EXPECT_EQ(find_unknown_time_letter("%--d"), 0);
	EXPECT_EQ(find_unknown_time_letter("%E"), 0);
	EXPECT_EQ(find_unknown_time_letter("%\0"s), 0);
}

TEST(TimeFormat, WritesUnknownLettersAsTheyStand)
{
	EXPECT_EQ(formatted(0, "%Q %-B %\xC3\xA9 %"), "%Q %-B %\xC3\xA9 %");
	EXPECT_EQ(formatted(0, "%-%d"), "%-01");
	EXPECT_EQ(formatted(0, "%\0x"s), "%\0x"s);
}

} // namespace vero
