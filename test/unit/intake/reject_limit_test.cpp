// Checks what is taken for a limit of rejects, and when it is passed.
#include "core/intake/reject_limit.hpp"

#include <gtest/gtest.h>

namespace vero {
namespace {

std::string words(std::string_view text)
{
	auto const limit = RejectLimit::make(text);
	return limit ? limit->words() : "none";
}

bool is_passed(std::string_view text, std::int64_t read, std::int64_t rejected)
{
	return RejectLimit::make(text)->is_passed(read, rejected);
}

TEST(RejectLimit, IsACountOrAPercentage)
{
	EXPECT_EQ(words("0"), "0");
	EXPECT_EQ(words(" 1000 "), "1,000");
	EXPECT_EQ(words("9223372036854775807"), "9,223,372,036,854,775,807");
	EXPECT_EQ(words("5%"), "5 %");
	EXPECT_EQ(words("0.25 %"), "0.25 %");
	EXPECT_EQ(words("0.005%"), "0.005 %");
	EXPECT_EQ(words("100%"), "100 %");
	EXPECT_EQ(words("99.999%"), "99.999 %");
	EXPECT_EQ(words("0%"), "0 %");
}

TEST(RejectLimit, IsNothingElse)
{
	for (auto const *text : {"", " ", "%", "-1", "+1", "1.5", "5%%", "100.001%", "101%", "1.%", ".5%", "0.0001%", "1e3",
							 "five", "5 percent", "9223372036854775808", "99999999999999999999%", "1,000", "0x10"}) {
		EXPECT_EQ(words(text), "none") << text;
	}
}

TEST(RejectLimit, IsPassedByOneMore)
{
	EXPECT_FALSE(is_passed("3", 3, 3));
	EXPECT_TRUE(is_passed("3", 4, 4));
	EXPECT_FALSE(is_passed("0", 10, 0));
	EXPECT_TRUE(is_passed("0", 10, 1));
	EXPECT_FALSE(is_passed("5%", 100, 5));
	EXPECT_TRUE(is_passed("5%", 100, 6));
	EXPECT_TRUE(is_passed("5%", 10, 1));
	EXPECT_FALSE(is_passed("100%", 10, 10));
	EXPECT_FALSE(is_passed("0.001%", 200'000, 2));
	EXPECT_TRUE(is_passed("0.001%", 200'000, 3));
	EXPECT_TRUE(is_passed("0%", 1'000'000, 1));
	EXPECT_FALSE(is_passed("50%", 4'000'000'000'000'000'000, 2'000'000'000'000'000'000));
	EXPECT_TRUE(is_passed("50%", 4'000'000'000'000'000'000, 2'000'000'000'000'000'001));
}

} // namespace
} // namespace vero
