// Checks which times of records are read, in one column or two.
#include "support/small_import.hpp"

#include <gtest/gtest.h>

namespace vero {

using namespace test;

TEST(ValidatorTime, RejectsWithoutTime)
{
	for (auto const *const time : {"", " ", "\"\""})
		EXPECT_EQ(codes_of(line("a@x.io", "n", time)), Codes{ErrorCode::missing_time}) << time;
	EXPECT_EQ(error_of(line("a@x.io", "n", "")).column, "time");
	for (auto const *const time : {"01/02/2022", "yesterday", "0", "null", "2022-13-01", "2022-01-02T"})
		EXPECT_EQ(codes_of(line("a@x.io", "n", time)), Codes{ErrorCode::invalid_time}) << time;
	auto const error = error_of(line("a@x.io", "n", "01/02/2022"));
	EXPECT_EQ(error.column, "time");
	EXPECT_EQ(error.value, "01/02/2022");
	EXPECT_EQ(error.message, "\"01/02/2022\" is not a time in ISO 8601; "
							 "time_formats => '{%d/%m/%Y}' or '{%m/%d/%Y}' would read it");
}

TEST(ValidatorTime, ReadsTimesInToldLayouts)
{
	Import const import("email,name,time\na@x.io,n,01/02/2022\na@x.io,n,2022-01-02\na@x.io,n,\"13/1/2022\"\n",
						{.layouts = {"%m/%d/%Y", "%d/%m/%Y"}});
	ASSERT_EQ(import.batch.events.size(), 3U);
	constexpr std::int64_t midnight_us = noon_us - 12 * 3600 * second_us;
	EXPECT_EQ(import.batch.events[0].occurred_at_us, midnight_us) << "the first layout that reads it";
	EXPECT_EQ(import.batch.events[1].occurred_at_us, midnight_us) << "ISO 8601 always";
	EXPECT_EQ(import.batch.events[2].occurred_at_us, midnight_us + 11 * 24 * 3600 * second_us);
}

TEST(ValidatorTime, JoinsDateAndClock)
{
	Setting const setting{.columns = {{"time", "date", "clock"}}};
	auto const time_of = [&](std::string const &cells) {
		Import const import("email,name,date,clock\na@x.io,n," + cells + "\n", setting);
		return import.batch.events.empty() ? std::string(import.error().message)
										   : std::to_string(import.batch.events[0].occurred_at_us / second_us);
	};
	EXPECT_EQ(time_of("2022-01-02,12:00Z"), std::to_string(noon_us / second_us));
	EXPECT_EQ(time_of(" \"2022-01-02 \" ,\" 12:00 \""), std::to_string(noon_us / second_us));
	EXPECT_EQ(time_of("2022-01-02,"), std::to_string(noon_us / second_us - 12 * 3600)) << "midnight";
	EXPECT_EQ(time_of(",12:00"), "time is missing (columns \"date\" and \"clock\")");
	EXPECT_EQ(time_of("2022-01-02,25:00"),
			  "\"2022-01-02 25:00\" (columns \"date\" and \"clock\") is not a time: there is no hour 25");
	EXPECT_EQ(Import("email,name,date,clock\na@x.io,n,2022-01-02\n", setting).codes(),
			  Codes{ErrorCode::too_few_fields});
	EXPECT_TRUE(Import("email,name,date,clock\na@x.io,n,2022-01-02,12:00\n", setting).properties().empty());
}

TEST(ValidatorTime, RejectsWhatThereIsNoPartitionFor)
{
	constexpr std::int64_t hour_us = 3600 * second_us;
	auto const codes = [&](std::string const &time, std::vector<TimeRange> const &taken) {
		Import const import("email,name,time\na@x.io,n," + time + "\n", {.taken_times = taken});
		return import.batch.events.empty() ? import.codes() : Codes{};
	};
	std::vector<TimeRange> const taken{{noon_us, noon_us + hour_us}, {noon_us + 2 * hour_us, noon_us + 3 * hour_us}};
	for (auto const *const time : {"2022-01-02 12:00", "2022-01-02 12:59:59.999999", "2022-01-02 14:00"})
		EXPECT_EQ(codes(time, taken), Codes{}) << time;
	for (auto const *const time : {"2022-01-02 11:59:59.999999", "2022-01-02 13:00", "2022-01-02 15:00", "0001-01-01"})
		EXPECT_EQ(codes(time, taken), Codes{ErrorCode::no_partition}) << time;
	EXPECT_EQ(codes("2022-01-02 12:00", {}), Codes{ErrorCode::no_partition});
	EXPECT_EQ(codes("noon", taken), Codes{ErrorCode::invalid_time});
	Import const import("email,name,time\na@x.io,n, 2022-01-02 \n", {.taken_times = taken});
	EXPECT_EQ(import.error().message, "no partition of vero.events takes the time \"2022-01-02\"");
	EXPECT_TRUE(import.batch.new_contacts.empty());
}

TEST(ValidatorTime, ReadsTimesWithoutOffsetInTheGivenZone)
{
	Import const import("email,name,time\na@x.io,n,2022-01-02 14:00\na@x.io,n,2022-01-02 12:00Z\n",
						{.time_zone = TimeZone(7200)});
	ASSERT_EQ(import.batch.events.size(), 2U);
	EXPECT_EQ(import.batch.events[0].occurred_at_us, noon_us);
	EXPECT_EQ(import.batch.events[1].occurred_at_us, noon_us);
}

} // namespace vero
