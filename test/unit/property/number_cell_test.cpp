// Checks which cells are numbers, with a decimal mark that is told and without.
#include "core/property/number_cell.hpp"

#include <gtest/gtest.h>

namespace vero {
namespace {

std::string number(std::string_view text, std::optional<char> mark = std::nullopt)
{
	Decimal decimal;
	auto const fault = read_number(text, mark, decimal);
	return fault == NumberFault::none ? to_text(decimal) : "fault " + std::to_string(static_cast<int>(fault));
}

NumberFault fault(std::string_view text, std::optional<char> mark = std::nullopt)
{
	Decimal decimal;
	return read_number(text, mark, decimal);
}

} // namespace

TEST(NumberCell, KeepsEveryDigit)
{
	EXPECT_EQ(number("1.50"), "1.50");
	EXPECT_EQ(number("-12345678901234567890.123456789012345678900"), "-12345678901234567890.123456789012345678900");
	EXPECT_EQ(number("1.25e1"), "12.5");
	EXPECT_EQ(number("1.25E+02"), "125");
	EXPECT_EQ(number("1e-5"), "0.00001");
}

TEST(NumberCell, TakesGroupsOnlyWithAMarkThatIsTold)
{
	EXPECT_EQ(fault("1,234"), NumberFault::no_number);
	EXPECT_EQ(number("1,234", '.'), "1234");
	EXPECT_EQ(number("1,234", ','), "1.234");
	EXPECT_EQ(number("1.234.567,89", ','), "1234567.89");
	EXPECT_EQ(number("1 234\u00A0567", '.'), "fault 2") << "two kinds of groups";
	EXPECT_EQ(number("1\u202F234,5", ','), "1234.5");
	EXPECT_EQ(number("1\u2019234.5", '.'), "1234.5");
	for (std::string_view const text : {"1,23", "1,2345", "1234,567", ",123", "1,,234", "1,234,"})
		EXPECT_EQ(fault(text, '.'), NumberFault::wrong_groups) << text;
}

TEST(NumberCell, NeverChangesWhatACellSays)
{
	EXPECT_EQ(fault("007"), NumberFault::leading_zeros);
	EXPECT_EQ(fault("-00.5"), NumberFault::leading_zeros);
	EXPECT_EQ(fault("1.2E+15"), NumberFault::lost_digits);
	EXPECT_EQ(fault("1e1"), NumberFault::lost_digits);
	EXPECT_EQ(fault("NaN"), NumberFault::special);
	EXPECT_EQ(fault("-infinity"), NumberFault::special);
	EXPECT_EQ(fault(""), NumberFault::empty);
	for (std::string_view const text :
		 {"-", ".", "e5", "1e", "1e+", "1.2.3", "--1", "1-", "0x1", "1_0", "12%", "\u22125"})
		EXPECT_EQ(fault(text), NumberFault::no_number) << text;
}

TEST(NumberCell, IsNotMuchLongerWhenItIsShown)
{
	EXPECT_EQ(fault("1e-400"), NumberFault::none);
	EXPECT_EQ(fault("1e-401"), NumberFault::too_large);
	EXPECT_EQ(fault(std::string(131'072, '9')), NumberFault::none);
	EXPECT_EQ(fault(std::string(131'073, '9')), NumberFault::too_large);
}

} // namespace vero
