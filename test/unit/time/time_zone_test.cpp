// Checks the offset of local times: gaps, overlaps, and changes that follow each other within a day.
#include "core/time/time_zone.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <limits>

namespace vero {

namespace {

constexpr std::int32_t hour = 3600;
constexpr std::int64_t day = 86'400;

constexpr std::int64_t at(int year, unsigned month, unsigned day_of_month, int hours = 0, int minutes = 0,
						  int seconds = 0)
{
	auto const date = std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day_of_month);
	return std::chrono::sys_days(date).time_since_epoch().count() * day + (hours * 60 + minutes) * 60 + seconds;
}

TimeZone berlin_2022()
{
	return {hour, {{at(2022, 3, 27, 1), 2 * hour}, {at(2022, 10, 30, 1), hour}}};
}

} // namespace

TEST(TimeZone, WithoutChangesItIsAFixedOffset)
{
	EXPECT_EQ(TimeZone().offset_at_local(0), 0);
	EXPECT_EQ(TimeZone(-5 * hour).offset_at_local(at(1, 1, 1)), -5 * hour);
	EXPECT_EQ(TimeZone(14 * hour).offset_at_local(at(9999, 12, 31, 24)), 14 * hour);
}

TEST(TimeZone, HoldsTheOffsetBetweenChanges)
{
	auto const zone = berlin_2022();
	EXPECT_EQ(zone.offset_at_local(at(1, 1, 1)), hour);
	EXPECT_EQ(zone.offset_at_local(at(2022, 1, 1)), hour);
	EXPECT_EQ(zone.offset_at_local(at(2022, 7, 1)), 2 * hour);
	EXPECT_EQ(zone.offset_at_local(at(2022, 12, 1)), hour);
	EXPECT_EQ(zone.offset_at_local(at(9999, 12, 31)), hour);
}

TEST(TimeZone, InAGapTheOffsetBeforeItHolds)
{
	auto const zone = berlin_2022();
	EXPECT_EQ(zone.offset_at_local(at(2022, 3, 27, 1, 59, 59)), hour);
	EXPECT_EQ(zone.offset_at_local(at(2022, 3, 27, 2)), hour);
	EXPECT_EQ(zone.offset_at_local(at(2022, 3, 27, 2, 30)), hour);
	EXPECT_EQ(zone.offset_at_local(at(2022, 3, 27, 2, 59, 59)), hour);
	EXPECT_EQ(zone.offset_at_local(at(2022, 3, 27, 3)), 2 * hour);
}

TEST(TimeZone, InAnOverlapTheOffsetAfterItHolds)
{
	auto const zone = berlin_2022();
	EXPECT_EQ(zone.offset_at_local(at(2022, 10, 30, 1, 59, 59)), 2 * hour);
	EXPECT_EQ(zone.offset_at_local(at(2022, 10, 30, 2)), hour);
	EXPECT_EQ(zone.offset_at_local(at(2022, 10, 30, 2, 30)), hour);
	EXPECT_EQ(zone.offset_at_local(at(2022, 10, 30, 2, 59, 59)), hour);
	EXPECT_EQ(zone.offset_at_local(at(2022, 10, 30, 3)), hour);
}

TEST(TimeZone, WestOfGreenwichToo)
{
	TimeZone const new_york(-5 * hour, {{at(2022, 3, 13, 7), -4 * hour}, {at(2022, 11, 6, 6), -5 * hour}});
	EXPECT_EQ(new_york.offset_at_local(at(2022, 3, 13, 1, 59, 59)), -5 * hour);
	EXPECT_EQ(new_york.offset_at_local(at(2022, 3, 13, 2, 30)), -5 * hour);
	EXPECT_EQ(new_york.offset_at_local(at(2022, 3, 13, 3)), -4 * hour);
	EXPECT_EQ(new_york.offset_at_local(at(2022, 11, 6, 0, 59, 59)), -4 * hour);
	EXPECT_EQ(new_york.offset_at_local(at(2022, 11, 6, 1)), -5 * hour);
	EXPECT_EQ(new_york.offset_at_local(at(2022, 11, 6, 2)), -5 * hour);
}

TEST(TimeZone, AWholeDayMayBeSkipped)
{
	// Samoa left out 2011-12-30.
	TimeZone const apia(-10 * hour, {{at(2011, 12, 30, 10), 14 * hour}});
	EXPECT_EQ(apia.offset_at_local(at(2011, 12, 29, 23, 59, 59)), -10 * hour);
	EXPECT_EQ(apia.offset_at_local(at(2011, 12, 30)), -10 * hour);
	EXPECT_EQ(apia.offset_at_local(at(2011, 12, 30, 23, 59, 59)), -10 * hour);
	EXPECT_EQ(apia.offset_at_local(at(2011, 12, 31)), 14 * hour);
}

TEST(TimeZone, AChangeOfNameOnlyChangesNothing)
{
	TimeZone const zone(3 * hour, {{at(2016, 1, 1), 3 * hour}});
	for (std::int64_t local_s = at(2015, 12, 31); local_s < at(2016, 1, 3); local_s += 600) {
		EXPECT_EQ(zone.offset_at_local(local_s), 3 * hour);
	}
}

TEST(TimeZone, LooksOnlyAtTheFirstChangeWithinADayAsPostgreSqlDoes)
{
	auto const first = at(2022, 5, 1, 12);
	TimeZone const zone(0, {{first, hour}, {first + 6 * hour, 2 * hour}});
	EXPECT_EQ(zone.offset_at_local(first - 1), 0);
	EXPECT_EQ(zone.offset_at_local(first + hour), hour);
	// Local 20:30 is after the second change; PostgreSQL does not see it until a day has passed since the first.
	EXPECT_EQ(zone.offset_at_local(first + 8 * hour + 1800), hour);
	EXPECT_EQ(zone.offset_at_local(first + day - 1), hour);
	EXPECT_EQ(zone.offset_at_local(first + day), 2 * hour);
}

TEST(TimeZone, TheLastChangeHoldsForEver)
{
	TimeZone const zone(hour, {{0, 2 * hour}});
	EXPECT_EQ(zone.offset_at_local(hour - 1), hour);
	EXPECT_EQ(zone.offset_at_local(2 * hour), 2 * hour);
	EXPECT_EQ(zone.offset_at_local(day - 1), 2 * hour);
	EXPECT_EQ(zone.offset_at_local(day), 2 * hour);
	EXPECT_EQ(zone.offset_at_local(day + 1), 2 * hour);
}

TEST(TimeZone, FindsTheRightOneOfMany)
{
	std::vector<Transition> transitions;
	for (int i = 0; i < 1000; ++i) {
		transitions.push_back({i * 30 * day, i % 2 == 0 ? 2 * hour : hour});
	}
	TimeZone const zone(hour, std::move(transitions));
	EXPECT_EQ(zone.offset_at_local(-10 * day), hour);
	for (int i = 0; i < 1000; ++i) {
		EXPECT_EQ(zone.offset_at_local(i * 30 * day + 15 * day), i % 2 == 0 ? 2 * hour : hour) << i;
	}
}

} // namespace vero
