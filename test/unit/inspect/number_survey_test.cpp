// Checks how a column's numbers are found to be written.
#include "core/inspect/number_survey.hpp"

#include <gtest/gtest.h>
#include <ostream>
#include <string>
#include <vector>

namespace vero {

/// For GoogleTest's messages.
std::ostream &operator<<(std::ostream &out, NumberForm form)
{
	return out << static_cast<int>(form);
}

namespace {

NumberSurvey survey(std::vector<std::string> const &values)
{
	NumberSurvey numbers;
	for (auto const &value : values)
		numbers.add(value);
	return numbers;
}

NumberForm form(std::vector<std::string> const &values)
{
	return survey(values).form();
}

TEST(NumberSurvey, TellsFormsApart)
{
	EXPECT_EQ(form({}), NumberForm::no_numbers);
	EXPECT_EQ(form({"1", "20", "0"}), NumberForm::integers);
	EXPECT_EQ(form({"-1", "+2"}), NumberForm::integers);
	EXPECT_EQ(form({"1", "12.5"}), NumberForm::plain);
	EXPECT_EQ(form({"1234.50", "1.234"}), NumberForm::plain);
	EXPECT_EQ(form({"1,234.5", "1"}), NumberForm::point);
	EXPECT_EQ(form({"1,234.5", "1.50"}), NumberForm::point);
	EXPECT_EQ(form({"12,5", "1.234"}), NumberForm::comma);
	EXPECT_EQ(form({"1.234,5"}), NumberForm::comma);
}

TEST(NumberSurvey, GuessesNothing)
{
	EXPECT_EQ(form({"1.234", "2.345"}), NumberForm::untold);
	EXPECT_EQ(form({"1,234"}), NumberForm::untold);
	EXPECT_EQ(form({"1 234"}), NumberForm::untold);
}

TEST(NumberSurvey, WantsAllValuesToBeNumbers)
{
	for (std::string const other : {"x", "007", "1.2E+15", "NaN", "12 %", "1.2.3", "2022-01-02"})
		EXPECT_EQ(form({"1", other, "2.5"}), NumberForm::no_numbers) << other;
	EXPECT_EQ(form({"1,5", "1.5"}), NumberForm::no_numbers);
	EXPECT_EQ(form({std::string(2000, '1')}), NumberForm::no_numbers) << "too long to be looked at";
}

TEST(NumberSurvey, SaysWhichMarksWouldDo)
{
	auto const comma = survey({"1,5", "2"});
	EXPECT_TRUE(comma.is_read_with(','));
	EXPECT_FALSE(comma.is_read_with('.'));
	EXPECT_FALSE(comma.is_read_with(std::nullopt));
	auto const plain = survey({"1.50"});
	EXPECT_TRUE(plain.is_read_with('.'));
	EXPECT_TRUE(plain.is_read_with(std::nullopt));
	EXPECT_FALSE(plain.is_read_with(','));
	EXPECT_FALSE(NumberSurvey().is_read_with(std::nullopt));
}

} // namespace
} // namespace vero
