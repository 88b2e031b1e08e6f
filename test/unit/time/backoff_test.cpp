// Checks how long is waited before another attempt.
#include "core/time/backoff.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

namespace vero {

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr double kMiddle = 0.5; // no variation

} // namespace

TEST(Backoff, DoublesUntilTheLongest)
{
	std::int64_t const seconds[] = {30, 60, 120, 240, 480, 960, 1920, 3600, 3600};
	std::int64_t attempt = 0;
	for (auto const expected : seconds) {
		EXPECT_EQ(delay_after(++attempt, kMiddle), expected * kSecond) << attempt;
	}
	EXPECT_EQ(delay_after(std::numeric_limits<std::int64_t>::max(), kMiddle), 3600 * kSecond);
	EXPECT_EQ(delay_after(0, kMiddle), 30 * kSecond);
	EXPECT_EQ(delay_after(-1, kMiddle), 30 * kSecond);
}

TEST(Backoff, VariesByHalfUpAndDown)
{
	EXPECT_EQ(delay_after(1, 0.0), 15 * kSecond);
	EXPECT_EQ(delay_after(1, 0.25), 22'500'000);
	double const last = std::nextafter(1.0, 0.0);
	EXPECT_LE(delay_after(1, last), 45 * kSecond);
	EXPECT_GE(delay_after(1, last), 45 * kSecond - 1);
	EXPECT_LE(delay_after(100, last), 5400 * kSecond);
}

TEST(Backoff, TakesOtherNumbers)
{
	EXPECT_EQ(delay_after(3, 0.9, {.first_us = 10, .longest_us = 1000, .factor = 3.0, .jitter = 0.0}), 90);
	EXPECT_EQ(delay_after(1'000'000'000, 0.9, {.first_us = 10, .longest_us = 1000, .factor = 1.0, .jitter = 0.0}), 10);
	EXPECT_EQ(delay_after(5, 0.0, {.first_us = 10, .longest_us = 1000, .factor = 2.0, .jitter = 1.0}), 0);
	EXPECT_EQ(delay_after(1, kMiddle, {.first_us = 5000, .longest_us = 1000}), 1000);
}

} // namespace vero
