// Checks that a clock that is set is noticed, once.
#include "core/time/clock_watch.hpp"

#include <gtest/gtest.h>

namespace vero {

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

} // namespace

TEST(ClockWatch, NoticesJumpsOnce)
{
	ClockWatch watch;
	EXPECT_FALSE(watch.has_jumped(100 * kDay, 7 * kSecond));
	EXPECT_FALSE(watch.has_jumped(100 * kDay + kDay, 7 * kSecond + kDay));
	EXPECT_TRUE(watch.has_jumped(400 * kDay, 8 * kSecond + kDay));
	EXPECT_FALSE(watch.has_jumped(400 * kDay + kSecond, 9 * kSecond + kDay));
	EXPECT_TRUE(watch.has_jumped(101 * kDay, 10 * kSecond + kDay));
	EXPECT_FALSE(watch.has_jumped(101 * kDay, 10 * kSecond + kDay));
}

TEST(ClockWatch, PassesOverSeconds)
{
	ClockWatch watch;
	EXPECT_FALSE(watch.has_jumped(-kDay, 0));
	EXPECT_FALSE(watch.has_jumped(-kDay + 5 * kSecond, 0));
	EXPECT_FALSE(watch.has_jumped(-kDay - 5 * kSecond, 0));
	EXPECT_TRUE(watch.has_jumped(-kDay + 6 * kSecond, 0));
	// a clock that drifts is noticed when it is that far off
	EXPECT_FALSE(watch.has_jumped(-kDay + 9 * kSecond, 0));
	EXPECT_TRUE(watch.has_jumped(-kDay + 12 * kSecond, 0));
}

} // namespace vero
