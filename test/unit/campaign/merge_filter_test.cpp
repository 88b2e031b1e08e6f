// Checks the filters of merge tags: what each makes of a text, an instant and nothing.
#include "core/campaign/merge_filter.hpp"

#include <gtest/gtest.h>

namespace vero {

namespace {

constexpr Instant kInstant{1'641'092'700'000'000}; // 2022-01-02 03:05:00 UTC

MergeValue filtered(Filter const &filter, MergeValue value)
{
	apply_filter(filter, value);
	return value;
}

MergeValue text(std::string_view value)
{
	return std::string(value);
}

} // namespace

TEST(MergeFilter, FallsBackForNothingAndTheEmptyText)
{
	Filter const filter{FilterKind::fallback, "there"};
	EXPECT_EQ(filtered(filter, {}), text("there"));
	EXPECT_EQ(filtered(filter, text("")), text("there"));
	EXPECT_EQ(filtered(filter, text(" ")), text(" "));
	EXPECT_EQ(filtered(filter, text("false")), text("false"));
	EXPECT_EQ(filtered(filter, text("0")), text("0"));
	EXPECT_EQ(filtered(filter, kInstant), MergeValue(kInstant));
	EXPECT_EQ(filtered({FilterKind::fallback, ""}, {}), text(""));
}

TEST(MergeFilter, ChangesTheCaseOfTextsAndInstants)
{
	Filter const upcase{FilterKind::upcase, ""};
	Filter const downcase{FilterKind::downcase, ""};
	EXPECT_EQ(filtered(upcase, text("Stra\xC3\x9F\x65 \xC3\xA9 1")), text("STRA\xC3\x9F\x45 \xC3\x89 1"));
	EXPECT_EQ(filtered(downcase, text("\xC3\x89 ABC")), text("\xC3\xA9 abc"));
	EXPECT_EQ(filtered(downcase, kInstant), text("2022-01-02t03:05:00+00:00"));
	EXPECT_EQ(filtered(upcase, kInstant), text("2022-01-02T03:05:00+00:00"));
	EXPECT_EQ(filtered(upcase, {}), MergeValue());
	EXPECT_EQ(filtered(downcase, {}), MergeValue());
	EXPECT_EQ(filtered(upcase, text("")), text(""));
}

TEST(MergeFilter, LaysOutInstantsAndTextsThatAreTimes)
{
	Filter const date{FilterKind::date, "%d %B %Y"};
	EXPECT_EQ(filtered(date, kInstant), text("02 January 2022"));
	EXPECT_EQ(filtered(date, text("2022-01-02")), text("02 January 2022"));
	EXPECT_EQ(filtered(date, text(" 2022-01-02T23:30:00-01:00\t")), text("03 January 2022"));
	EXPECT_EQ(filtered({FilterKind::date, "%R"}, text("2022-01-02 10:00")), text("10:00"));
	EXPECT_EQ(filtered(date, text("soon")), text("soon"));
	EXPECT_EQ(filtered(date, text("02 January 2022")), text("02 January 2022"));
	EXPECT_EQ(filtered(date, text("")), text(""));
	EXPECT_EQ(filtered(date, {}), MergeValue());
}

TEST(MergeFilter, GivesAValueAsText)
{
	EXPECT_EQ(to_text({}), "");
	EXPECT_EQ(to_text(text("x")), "x");
	EXPECT_EQ(to_text(kInstant), "2022-01-02T03:05:00+00:00");
	EXPECT_EQ(to_text(Instant{-1}), "1969-12-31T23:59:59.999999+00:00");
}

} // namespace vero
