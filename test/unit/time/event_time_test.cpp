// Checks which times are accepted and which instant they denote; the expected ones are what PostgreSQL 15 answers.
#include "core/time/event_time.hpp"

#include <gtest/gtest.h>
#include <string>

namespace vero {

namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
/// 2022-01-02 00:00 UTC
constexpr std::int64_t midnight = 18'994 * day;

TimeZone const utc;

struct Accepted {
	char const *text;
	std::int64_t instant;
};

void expect_instants(std::initializer_list<Accepted> table, TimeZone const &zone = utc)
{
	for (auto const &[text, instant] : table) {
		auto const parsed = parse_event_time(text, zone);
		ASSERT_TRUE(parsed.has_value()) << text;
		EXPECT_EQ(*parsed, instant) << text;
	}
}

void expect_refused(std::initializer_list<char const *> table)
{
	for (auto const *const text : table) {
		EXPECT_EQ(parse_event_time(text, utc), std::nullopt) << text;
	}
}

} // namespace

TEST(EventTime, ReadsDatesAlone)
{
	expect_instants({{"2022-01-02", midnight},
					 {"20220102", midnight},
					 {"1970-01-01", 0},
					 {"1969-12-31", -day},
					 {"0001-01-01", -719'162 * day},
					 {"00010101", -719'162 * day},
					 {"9999-12-31", 2'932'896 * day}});
}

TEST(EventTime, ReadsDatesWithTimes)
{
	auto const instant = midnight + 13 * hour + 5 * minute;
	expect_instants({
		{"2022-01-02 13:05", instant},
		{"2022-01-02T13:05", instant},
		{"2022-01-02t13:05", instant},
		{"2022-01-02   13:05", instant},
		{"2022-01-02 13:05:07", instant + 7 * second},
		{"20220102 13:05", instant},
		{"20220102 13:05:07", instant + 7 * second},
		{"20220102T13:05", instant},
		{"20220102T1305", instant},
		{"20220102t1305", instant},
		{"20220102T130507", instant + 7 * second},
		{"20220102T130507.5", instant + 7 * second + second / 2},
		{"20220102T13:05:07.5", instant + 7 * second + second / 2},
		{"2022-01-02 00:00:00", midnight},
		{"2022-01-02 23:59:59", midnight + day - second},
	});
}

TEST(EventTime, ReadsOffsets)
{
	auto const instant = midnight + 13 * hour + 5 * minute;
	expect_instants({
		{"2022-01-02 13:05:00+10", instant - 10 * hour},
		{"2022-01-02 13:05:00 +10", instant - 10 * hour},
		{"2022-01-02 13:05:00   +10", instant - 10 * hour},
		{"2022-01-02 13:05:00+1030", instant - 10 * hour - 30 * minute},
		{"2022-01-02 13:05:00+10:30", instant - 10 * hour - 30 * minute},
		{"2022-01-02 13:05:00-03:30", instant + 3 * hour + 30 * minute},
		{"2022-01-02T13:05:00Z", instant},
		{"2022-01-02T13:05:00z", instant},
		{"2022-01-02T13:05:00 Z", instant},
		{"2022-01-02T13:05Z", instant},
		{"2022-01-02 13:05:00 UTC", instant},
		{"2022-01-02T13:05utc", instant},
		{"2022-01-02 13:05  GMT", instant},
		{"20220102T1305UTC", instant},
		{"2022-01-02T13:05-00", instant},
		{"2022-01-02T13:05-00:00", instant},
		{"2022-01-02T13:05+15:59", instant - 15 * hour - 59 * minute},
		{"2022-01-02T13:05-15:59", instant + 15 * hour + 59 * minute},
		{"2022-01-02T13:05:00.25+01", instant + second / 4 - hour},
		{"20220102T1305Z", instant},
		{"20220102T1305+10", instant - 10 * hour},
		{"20220102T1305-10", instant + 10 * hour},
		{"20220102T1305-1030", instant + 10 * hour + 30 * minute},
		{"20220102T1305+10:30", instant - 10 * hour - 30 * minute},
		{"20220102T1305 -10:30", instant + 10 * hour + 30 * minute},
		{"20220102T130500.5-10:30", instant + second / 2 + 10 * hour + 30 * minute},
		{"20220102T13:05-10:30", instant + 10 * hour + 30 * minute},
		{"0001-01-01 00:00+15", -719'162 * day - 15 * hour},
	});
}

TEST(EventTime, RoundsFractionsAsPostgreSqlDoes)
{
	auto const instant = midnight + 13 * hour;
	expect_instants({
		{"2022-01-02 13:00:00.0", instant},
		{"2022-01-02 13:00:00.1", instant + 100'000},
		{"2022-01-02 13:00:00.000001", instant + 1},
		{"2022-01-02 13:00:00.123456", instant + 123'456},
		{"2022-01-02 13:00:00.999999", instant + 999'999},
		{"2022-01-02 13:00:00.1234564", instant + 123'456},
		{"2022-01-02 13:00:00.1234566", instant + 123'457},
		{"2022-01-02 13:00:00.0000004", instant},
		{"2022-01-02 13:00:00.0000005", instant},
		{"2022-01-02 13:00:00.0000015", instant + 2},
		{"2022-01-02 13:00:00.0000025", instant + 2},
		{"2022-01-02 13:00:00.0000035", instant + 4},
		{"2022-01-02 13:00:00.00000050000000000000001", instant},
		{"2022-01-02 13:00:00.000000500000000001", instant + 1},
		{"2022-01-02 13:00:00.999999999", instant + second},
		{"2022-01-02 13:00:59.9999999", instant + minute},
		{"2022-01-02 13:00:00.1234565000000000000000000000000000000000000000000000001", instant + 123'456},
		{"2022-01-02 13:00:00.0000000000000000000000000000000000000000000000000000001", instant},
	});
}

TEST(EventTime, TakesFractionsOfAnyLength)
{
	auto const zeros = "2022-01-02 00:00:00." + std::string(5000, '0');
	EXPECT_EQ(parse_event_time(zeros, utc), midnight);
	EXPECT_EQ(parse_event_time(zeros + "1", utc), midnight);
	EXPECT_EQ(parse_event_time("2022-01-02 00:00:00." + std::string(5000, '9'), utc), midnight + second);
	EXPECT_EQ(parse_event_time("2022-01-02 00:00:00.5" + std::string(5000, '1') + "Z", utc), midnight + 511'111);
}

TEST(EventTime, EveryMicrosecondIsExact)
{
	for (int micros = 0; micros < second; micros += 7) {
		auto const digits = std::to_string(second + micros).substr(1);
		ASSERT_EQ(parse_event_time("2022-01-02 00:00:00." + digits, utc), midnight + micros);
		ASSERT_EQ(parse_event_time("2022-01-02 00:00:00." + digits + "0000000000000", utc), midnight + micros);
	}
}

TEST(EventTime, CountsHour24AndSecond60)
{
	expect_instants({
		{"2022-01-02 24:00", midnight + day},
		{"2022-01-02 24:00:00", midnight + day},
		{"2022-01-02 24:00:00.0", midnight + day},
		{"20220102T2400", midnight + day},
		{"2022-01-02 24:00:00+10", midnight + day - 10 * hour},
		{"2022-01-02 23:59:60", midnight + day},
		{"2022-01-02 23:59:59.9999999", midnight + day},
		{"2022-01-02 12:30:60", midnight + 12 * hour + 31 * minute},
		{"2022-01-02 12:30:60.5", midnight + 12 * hour + 31 * minute + second / 2},
		{"9999-12-31 24:00", 2'932'897 * day},
	});
	expect_refused({"2022-01-02 24:00:01", "2022-01-02 24:01", "2022-01-02 24:00:00.1", "2022-01-02 24:00:60",
					"2022-01-02 23:59:60.000001", "2022-01-02 23:59:61", "2022-01-02 12:00:61", "2022-01-02 25:00",
					"2022-01-02 99:00", "2022-01-02 12:60", "2022-01-02 12:60:00", "20220102T2401", "20220102T235960.5",
					"20220102T126000"});
}

TEST(EventTime, KnowsTheCalendar)
{
	expect_instants({{"2020-02-29", 18'321 * day}, {"2000-02-29", 11'016 * day}, {"2022-12-31", 19'357 * day}});
	expect_refused({"2022-02-29", "1900-02-29", "2022-02-30", "2022-04-31", "2022-00-01", "2022-13-01", "2022-01-00",
					"2022-01-32", "0000-01-01", "00000101", "20220230", "20221301", "2022-99-99"});
}

TEST(EventTime, ReadsNothingBehindTheText)
{
	std::string const text = "2022-01-02 13:05:07.123456+10:30";
	auto const is_whole = [](std::size_t size) {
		return size == 10 || size == 16 || size == 19 || (size >= 21 && size <= 26) || size == 29 || size == 32;
	};
	for (std::size_t size = 0; size <= text.size(); ++size) {
		// A copy of its own, so that the sanitizer sees a byte too many.
		std::string const cut = text.substr(0, size);
		EXPECT_EQ(parse_event_time(std::string_view(cut.data(), cut.size()), utc).has_value(), is_whole(size)) << cut;
	}
}

TEST(EventTime, WithoutAnOffsetItIsLocalToTheZone)
{
	// Europe/Berlin in 2022.
	TimeZone const berlin(3600, {{1'648'342'800, 7200}, {1'667'091'600, 3600}});
	auto const spring = 19'078 * day;
	auto const autumn = 19'295 * day;
	expect_instants(
		{
			{"2022-01-02", midnight - hour},
			{"2022-07-01", 19'174 * day - 2 * hour},
			{"2022-03-27 01:59:59.999999", spring + hour - 1},
			{"2022-03-27 01:59:59.9999999", spring + hour},
			{"2022-03-27 01:59:60", spring + hour},
			{"2022-03-27 02:30", spring + hour + 30 * minute},
			{"2022-03-27 03:00", spring + hour},
			{"2022-03-26 24:00", spring - hour},
			{"2022-03-27 02:30Z", spring + 2 * hour + 30 * minute},
			{"2022-10-30 01:59:59", autumn - second},
			{"2022-10-30 01:59:60", autumn + hour},
			// The fraction does not choose the offset, its carry comes after.
			{"2022-10-30 01:59:59.9999999", autumn},
			{"2022-10-30 02:30", autumn + hour + 30 * minute},
			{"2022-10-30 03:00", autumn + 2 * hour},
			{"2022-10-30 02:30+02", autumn + 30 * minute},
		},
		berlin);
}

} // namespace vero
