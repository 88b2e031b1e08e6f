// The rule that decides whether an event still triggers a campaign.
#include "core/campaign/trigger_rule.hpp"

#include <gtest/gtest.h>

namespace vero {
namespace {

constexpr std::int64_t kHour = 3'600'000'000;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kNow = 20'000 * kDay;

TriggerVerdict verdict(std::int64_t age_us, std::int64_t delay_us, std::int64_t grace_us = 0)
{
	return decide_trigger(kNow - age_us, {delay_us, grace_us}, kNow).verdict;
}

TEST(TriggerRule, NineDaysOldWithTenDaysDelayWaitsOneDay)
{
	TriggerDecision decision = decide_trigger(kNow - 9 * kDay, {10 * kDay, 0}, kNow);
	EXPECT_EQ(decision.verdict, TriggerVerdict::scheduled);
	EXPECT_EQ(decision.due_at_us, kNow + kDay);
}

TEST(TriggerRule, TenDaysOldWithTenDaysDelayIsOverdueToTheMicrosecond)
{
	EXPECT_EQ(verdict(10 * kDay, 10 * kDay), TriggerVerdict::overdue);
	EXPECT_EQ(verdict(10 * kDay - 1, 10 * kDay), TriggerVerdict::scheduled);
	EXPECT_EQ(verdict(10 * kDay + 1, 10 * kDay), TriggerVerdict::overdue);
}

TEST(TriggerRule, TheFutureNeverTriggers)
{
	EXPECT_EQ(verdict(-1, 0), TriggerVerdict::future_event);
	EXPECT_EQ(verdict(-1, 10 * kDay), TriggerVerdict::future_event);
	EXPECT_EQ(verdict(-kDay, 0, kDay), TriggerVerdict::future_event);
	EXPECT_EQ(verdict(0, kDay), TriggerVerdict::scheduled);
}

TEST(TriggerRule, NoDelayNeedsGrace)
{
	EXPECT_EQ(verdict(0, 0), TriggerVerdict::overdue);
	EXPECT_EQ(verdict(0, 0, 1), TriggerVerdict::scheduled);
	EXPECT_EQ(verdict(kHour, 0), TriggerVerdict::overdue);
	EXPECT_EQ(verdict(kHour, 0, kDay), TriggerVerdict::scheduled);
}

TEST(TriggerRule, GraceEndsToTheMicrosecond)
{
	EXPECT_EQ(verdict(10 * kDay + kHour - 1, 10 * kDay, kHour), TriggerVerdict::scheduled);
	EXPECT_EQ(verdict(10 * kDay + kHour, 10 * kDay, kHour), TriggerVerdict::overdue);
	TriggerDecision late = decide_trigger(kNow - 11 * kDay, {10 * kDay, 2 * kDay}, kNow);
	EXPECT_EQ(late.verdict, TriggerVerdict::scheduled);
	EXPECT_EQ(late.due_at_us, kNow - kDay);
}

} // namespace
} // namespace vero
