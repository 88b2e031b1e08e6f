// Checks which layouts a column's times are found to have, and when it is left to people.
#include "core/inspect/time_survey.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace vero {
namespace {

using Texts = std::vector<std::string>;

TimeSurvey survey(Texts const &values, Texts const &told = {})
{
	std::vector<TimeLayout> layouts;
	for (auto const &each : told)
		layouts.push_back(TimeLayout::compile(each).value());
	TimeSurvey times(1);
	times.expect_times(layouts);
	for (auto const &value : values)
		times.add(value);
	return times;
}

Texts counts(TimeSurvey const &times)
{
	Texts shown;
	for (auto const &count : times.counts())
		shown.push_back(count.layout + " " + std::to_string(count.values));
	return shown;
}

TEST(TimeSurvey, NeedsNoLayoutForIso8601)
{
	auto const times = survey({"2022-01-02", "2022-01-02T03:04Z", "2022-02-30", "Total"});
	EXPECT_EQ(counts(times), Texts{"ISO 8601 2"});
	EXPECT_EQ(times.choose().layouts, Texts{});
	EXPECT_EQ(times.values(), 4U);
	EXPECT_EQ(times.times(), 2U);
}

TEST(TimeSurvey, TakesTheOnlyLayoutThatReadsAll)
{
	EXPECT_EQ(survey({"03.01.2024 14:05", "4.1.2024 9:00"}).choose().layouts, Texts{"%d.%m.%Y %H:%M"});
	auto const times = survey({"01/02/2022", "13/04/2022", "05/06/2022"});
	EXPECT_EQ(counts(times), (Texts{"%d/%m/%Y 3", "%m/%d/%Y 2"}));
	EXPECT_EQ(times.choose().layouts, Texts{"%d/%m/%Y"});
	EXPECT_EQ(survey({"01/02/2022", "04/13/2022"}).choose().layouts, Texts{"%m/%d/%Y"});
}

TEST(TimeSurvey, LeavesToPeopleWhatNoValueTells)
{
	auto const choice = survey({"01/02/2022", "03/04/2022"}).choose();
	EXPECT_EQ(choice.layouts, Texts{});
	ASSERT_TRUE(choice.doubt);
	EXPECT_EQ(choice.doubt->first, "%d/%m/%Y");
	EXPECT_EQ(choice.doubt->second, "%m/%d/%Y");
	EXPECT_EQ(choice.doubt->first_alone, 0U);
	EXPECT_EQ(choice.doubt->second_alone, 0U);
	// of a day and month that are the same number both make the same
	EXPECT_EQ(survey({"02/02/2022", "3/3/2022"}).choose().layouts, Texts{"%d/%m/%Y"});
}

TEST(TimeSurvey, LeavesToPeopleWhatValuesTellOtherwise)
{
	auto const choice = survey({"01/02/2022", "13/04/2022", "14/04/2022", "04/13/2022"}).choose();
	ASSERT_TRUE(choice.doubt);
	EXPECT_EQ(choice.doubt->first_alone, 2U);
	EXPECT_EQ(choice.doubt->second_alone, 1U);
}

TEST(TimeSurvey, FindsLayoutsBesideEachOther)
{
	EXPECT_EQ(survey({"1641128700", "1641128700.123", "1641128700123"}).choose().layouts, (Texts{"unix_s", "unix_ms"}));
	EXPECT_EQ(survey({"2022/01/26 9:00:05 AM GMT+2", "2022-01-26 09:00:05"}).choose().layouts,
			  Texts{"%Y/%m/%d %I:%M:%S %p GMT%z"});
	EXPECT_EQ(survey({"5 Mar 2022", "13/04/2022", "13/05/2022"}).choose().layouts, (Texts{"%d/%m/%Y", "%d %b %Y"}));
}

TEST(TimeSurvey, TakesToldLayoutsForSettled)
{
	auto const times = survey({"01/02/2022", "03/04/2022", "5 Mar 2022"}, {"%m/%d/%Y"});
	EXPECT_EQ(times.choose().layouts, Texts{"%d %b %Y"});
	EXPECT_FALSE(times.choose().doubt);
	EXPECT_EQ(counts(times), (Texts{"%m/%d/%Y 2", "%d/%m/%Y 2", "%d %b %Y 1"}));
	EXPECT_EQ(survey({"20220102~0304"}, {"%Y%m%d~%H%M"}).times(), 1U);
}

TEST(TimeSurvey, GivesUpWhereNothingIsATime)
{
	TimeSurvey names(1);
	for (int i = 0; i < 32; ++i) {
		EXPECT_FALSE(names.has_given_up());
		names.add("article " + std::to_string(1000 + i));
	}
	EXPECT_TRUE(names.has_given_up());
	names.add("2022-01-02");
	EXPECT_EQ(names.times(), 0U);
	EXPECT_FALSE(survey(Texts(40, "none")).has_given_up());
	TimeSurvey late(1);
	for (int i = 0; i < 100; ++i)
		late.add(i == 31 ? "2022-01-02" : "x");
	EXPECT_FALSE(late.has_given_up());
	EXPECT_EQ(late.values(), 100U);
}

TEST(TimeSurvey, HasALimitForWaysOfWriting)
{
	TimeSurvey times(1'000'000);
	times.expect_times({});
	for (int i = 1; i < 100; ++i)
		times.add(std::string(static_cast<std::size_t>(i), 'x') + " 1999");
	times.add("13/04/2022");
	EXPECT_EQ(times.times(), 0U) << "no other way is looked at";
}

} // namespace
} // namespace vero
