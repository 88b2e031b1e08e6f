// Checks instants as people and mail headers read them.
#include "core/time/utc_time.hpp"

#include <gtest/gtest.h>
#include <limits>

namespace vero {

TEST(UtcTime, IsReadable)
{
	EXPECT_EQ(format_utc(1'643'634'306'999'999), "2022-01-31 13:05:06 UTC");
	EXPECT_EQ(format_utc(0), "1970-01-01 00:00:00 UTC");
	EXPECT_EQ(format_utc(-1), "1969-12-31 23:59:59 UTC");
}

TEST(UtcTime, IsWhatJsonbHas)
{
	EXPECT_EQ(format_iso(1'643'634'306'000'000), "2022-01-31T13:05:06+00:00");
	EXPECT_EQ(format_iso(1'643'634'306'250'000), "2022-01-31T13:05:06.25+00:00");
	EXPECT_EQ(format_iso(1'643'634'306'000'001), "2022-01-31T13:05:06.000001+00:00");
	EXPECT_EQ(format_iso(-1), "1969-12-31T23:59:59.999999+00:00");
	EXPECT_EQ(format_iso(-62'135'596'800'000'000), "0001-01-01T00:00:00+00:00");
	EXPECT_EQ(format_iso(253'402'300'800'000'000), "10000-01-01T00:00:00+00:00");
}

TEST(UtcTime, IsADateOfMail)
{
	EXPECT_EQ(format_mail_date(1'643'634'306'999'999), "Mon, 31 Jan 2022 13:05:06 +0000");
	EXPECT_EQ(format_mail_date(0), "Thu, 01 Jan 1970 00:00:00 +0000");
	EXPECT_EQ(format_mail_date(951'782'400'000'000), "Tue, 29 Feb 2000 00:00:00 +0000");
}

TEST(UtcTime, HasBounds)
{
	EXPECT_EQ(format_utc(-2'208'988'800'000'000), "1900-01-01 00:00:00 UTC");
	EXPECT_EQ(format_utc(-2'208'988'800'000'001), "1900-01-01 00:00:00 UTC");
	EXPECT_EQ(format_utc(253'402'300'799'999'999), "9999-12-31 23:59:59 UTC");
	EXPECT_EQ(format_utc(253'402'300'800'000'000), "9999-12-31 23:59:59 UTC");
	EXPECT_EQ(format_mail_date(std::numeric_limits<std::int64_t>::min()), "Mon, 01 Jan 1900 00:00:00 +0000");
	EXPECT_EQ(format_mail_date(std::numeric_limits<std::int64_t>::max()), "Fri, 31 Dec 9999 23:59:59 +0000");
}

} // namespace vero
