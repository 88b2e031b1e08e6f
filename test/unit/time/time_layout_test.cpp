// Checks what layouts read, what they refuse, and which texts are no layouts.
#include "core/time/time_layout.hpp"

#include "core/time/unread_time.hpp"

#include <gtest/gtest.h>

namespace vero {
namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
/// 2022-01-02 00:00 UTC
constexpr std::int64_t midnight = 18'994 * day;

TimeZone const utc;

TimeReading read(std::string_view layout, std::string_view text, NamedZones const &zones = {})
{
	auto const compiled = TimeLayout::compile(layout);
	EXPECT_TRUE(compiled.has_value()) << layout << " " << compiled.error().message;
	return compiled ? compiled->read(text, utc, zones) : TimeReading{};
}

std::string fault(std::string_view layout, std::string_view text)
{
	auto const reading = read(layout, text);
	EXPECT_FALSE(reading.instant_us) << text;
	return reading.fault ? reading.fault->words() : "another layout";
}

std::string refusal(std::string_view layout)
{
	auto const compiled = TimeLayout::compile(layout);
	if (compiled)
		return "compiled";
	auto const &error = compiled.error();
	return error.message + (error.position ? " at " + std::to_string(*error.position) : "");
}

} // namespace

TEST(TimeLayout, ReadsDatesAndClocks)
{
	struct Accepted {
		char const *layout;
		char const *text;
		std::int64_t instant;
	};
	for (auto const &[layout, text, instant] : std::initializer_list<Accepted>{
			 {"%d/%m/%Y", "02/01/2022", midnight},
			 {"%m/%d/%Y", "1/2/2022", midnight},
			 {"%d.%m.%Y %H:%M", "2.1.2022 13:05", midnight + 13 * hour + 5 * minute},
			 {"%d.%m.%Y %H:%M", "2.1.2022\xC2\xA0 \t13:05", midnight + 13 * hour + 5 * minute},
			 {"%d.%m.%Y %H:%M:%S", "02.01.2022 00:00:07.5", midnight + 7 * second + second / 2},
			 {"%d.%m.%Y %H:%M:%S,%f", "02.01.2022 00:00:07,0000001", midnight + 7 * second},
			 {"%d.%m.%Y %H:%M:%S.%f", "02.01.2022 00:00:07.12", midnight + 7 * second + 120'000},
			 {"%d.%m.%Y %H:%M", "01.01.2022 24:00", midnight},
			 {"%d/%m/%y", "02/01/22", midnight},
			 {"%d/%m/%Y %I:%M %p", "02/01/2022 12:00 am", midnight},
			 {"%d/%m/%Y %I:%M %p", "02/01/2022 12:00 PM", midnight + 12 * hour},
			 {"%d/%m/%Y %I%p", "02/01/2022 1Pm", midnight + 13 * hour},
			 {"%e %b %Y", "2 JAN 2022", midnight},
			 {"%d %b %Y", "2 january 2022", midnight},
			 {"%A, %-d %B %Y", "Sun, 2 Jan 2022", midnight},
			 {"%d %b %Y", "2 Sept 2022", midnight + 243 * day},
			 {"%d %B %Y", "2 SEP 2022", midnight + 243 * day},
			 {"%Y%m%d%H%M%S", "20220102000007", midnight + 7 * second},
			 {"%j/%Y", "2/2022", midnight},
			 {"%Y/%m/%d %H:%M %z", "2022/01/02 02:00 +02:00", midnight},
			 {"%Y/%m/%d %H:%M GMT%z", "2022/01/02 02:00 GMT+2", midnight},
			 {"100%% %d/%m/%Y", "100% 02/01/2022", midnight},
			 {"unix_s", "1641081600", midnight},
			 {"unix_s", "1641081600.25", midnight + second / 4},
			 {"unix_ms", "1641081600001", midnight + 1000},
			 {"unix_us", "1641081600000001", midnight + 1},
		 }) {
		auto const reading = read(layout, text);
		EXPECT_EQ(reading.instant_us, instant) << layout << " " << text;
	}
}

TEST(TimeLayout, TakesOnlyTheWholeText)
{
	for (auto const &[layout, text] : std::initializer_list<std::pair<char const *, char const *>>{
			 {"%d/%m/%Y", ""},
			 {"%d/%m/%Y", "02/01/22"},
			 {"%d/%m/%Y", "02/01/20222"},
			 {"%d/%m/%Y", "002/01/2022"},
			 {"%d/%m/%Y", "02/01/2022 "},
			 {"%d/%m/%Y", "02-01-2022"},
			 {"%d/%m/%y", "02/01/2022"},
			 {"%d/%m/%y", "02/01/2"},
			 {"%Y%m%d", "202212"},
			 {"%d %b %Y", "2 Ja 2022"},
			 {"%d %b %Y", "2 Janu 2022"},
			 {"%d %b %Y", "2 Septe 2022"},
			 {"%d.%m.%Y %H:%M", "02.01.202213:05"},
			 {"%d.%m.%Y %H:%M:%S", "02.01.2022 13:05:06."},
			 {"%d.%m.%Y %H:%M %z", "02.01.2022 13:05 -130"},
			 {"unix_s", "1641081600123"},
			 {"unix_s", "99999999"},
			 {"unix_s", "0641081600"},
			 {"unix_s", "1641081600."},
			 {"unix_ms", "1641081600"},
			 {"unix_us", "1641081600001"},
		 })
		EXPECT_EQ(fault(layout, text), "another layout") << layout << " " << text;
}

TEST(TimeLayout, SaysWhatDoesNotExist)
{
	EXPECT_EQ(fault("%d/%m/%Y", "29/02/2022"), "there is no such day");
	EXPECT_EQ(fault("%d/%m/%Y", "00/01/2022"), "there is no such day");
	EXPECT_EQ(fault("%d/%m/%Y", "01/13/2022"), "there is no month 13");
	EXPECT_EQ(fault("%d/%m/%Y", "01/01/0000"), "there is no year 0");
	EXPECT_EQ(fault("%j/%Y", "366/2022"), "that year has no day 366");
	EXPECT_EQ(fault("%d/%m/%Y %H:%M", "01/01/2022 25:00"), "there is no hour 25");
	EXPECT_EQ(fault("%d/%m/%Y %H:%M", "01/01/2022 24:01"), "there is no time after 24:00");
	EXPECT_EQ(fault("%d/%m/%Y %H:%M", "01/01/2022 00:60"), "there is no minute 60");
	EXPECT_EQ(fault("%d/%m/%Y %H:%M:%S", "01/01/2022 00:00:61"), "there is no second 61");
	EXPECT_EQ(fault("%d/%m/%Y %I%p", "01/01/2022 0AM"), "there is no hour 0 on a clock of 12 hours");
	EXPECT_EQ(fault("%d/%m/%Y %H:%M%z", "01/01/2022 00:00+16"), "there is no offset of 16 hours");
	EXPECT_EQ(fault("%a %d/%m/%Y", "Mon 02/01/2022"), "that day is a Sunday");
	EXPECT_EQ(fault("%d/%m/%Y %H:%M %Z", "01/01/2022 00:00 XYZ"), "there is no time zone of that name");
}

TEST(TimeLayout, AsksForNamedZones)
{
	NamedZones const zones = [](std::string_view name, std::int64_t local_s) {
		return name == "America/Port-au-Prince" && local_s == midnight / second ? std::optional(-18'000) : std::nullopt;
	};
	EXPECT_EQ(read("%d/%m/%Y %H:%M %Z", "02/01/2022 00:00 America/Port-au-Prince", zones).instant_us,
			  midnight + 5 * hour);
}

TEST(TimeLayout, RefusesWhatNamesNoInstant)
{
	EXPECT_EQ(refusal(""), "is blank");
	EXPECT_EQ(refusal("%d/%m"), "has no year");
	EXPECT_EQ(refusal("%Y"), "has no month");
	EXPECT_EQ(refusal("%m/%Y"), "has no day");
	EXPECT_EQ(refusal("%d/%m/%Y %I:%M"), "has an hour of 12 without %p at 10");
	EXPECT_EQ(refusal("%d/%m/%Y %H:%M %p"), "has %p without %I at 16");
	EXPECT_EQ(refusal("%d/%m/%Y %M"), "has minutes without an hour at 10");
	EXPECT_EQ(refusal("%d/%m/%Y %H:%S"), "has seconds without minutes at 13");
	EXPECT_EQ(refusal("%d/%m/%Y %H %f"), "has a fraction without seconds at 13");
	EXPECT_EQ(refusal("é%d/%m/%Q"), "has \"%Q\", which is not understood at 8");
	EXPECT_EQ(refusal("%d/%m/%Y %"), "ends in the middle of a \"%\" at 10");
	EXPECT_EQ(refusal("%F %d"), "names the day twice at 4");
	EXPECT_EQ(refusal("%j %m %Y"), "names the day twice at 1");
	EXPECT_EQ(refusal("%Y-%d-%m"), "reads \"2001-03-02\" otherwise than ISO 8601, which is tried first");
	EXPECT_EQ(refusal("%y%m%d%H"), "reads \"01020304\" otherwise than ISO 8601, which is tried first");
	EXPECT_EQ(refusal("%d/%m/%Y" + std::string(kMaxTimeLayoutLength, ' ') + "."), "is longer than 200 bytes");
}

TEST(UnreadTime, NamesTheLayoutsThatFit)
{
	using Layouts = std::vector<std::string_view>;
	EXPECT_EQ(find_fitting_layouts("01/02/2022"), (Layouts{"%d/%m/%Y", "%m/%d/%Y"}));
	EXPECT_EQ(find_fitting_layouts("13/02/2022"), (Layouts{"%d/%m/%Y"}));
	EXPECT_EQ(find_fitting_layouts("03.01.2024 14:05"), (Layouts{"%d.%m.%Y %H:%M"}));
	EXPECT_EQ(find_fitting_layouts("1641081600"), (Layouts{"unix_s"}));
	EXPECT_EQ(find_fitting_layouts("1641081600123"), (Layouts{"unix_ms"}));
	EXPECT_EQ(find_fitting_layouts("Feb 1, 2022 3:04 PM"), (Layouts{"%b %d, %Y %I:%M %p"}));
	EXPECT_EQ(find_fitting_layouts("20220102130506"), (Layouts{"%Y%m%d%H%M%S"}));
	EXPECT_EQ(find_fitting_layouts("14:05 31/01/2022"), (Layouts{"%H:%M %d/%m/%Y"}));
	EXPECT_EQ(find_fitting_layouts("yesterday"), Layouts{});
	EXPECT_EQ(find_fitting_layouts(std::string(1000, '1')), Layouts{});
}

TEST(UnreadTime, TellsTheWrongLayoutFromTheWrongDay)
{
	auto explain = [](std::string_view text) {
		return explain_unread_time(text, "", utc, {}, Notation::function).words;
	};
	EXPECT_EQ(explain("2022-02-29"), "\"2022-02-29\" is not a time: there is no such day");
	EXPECT_EQ(explain("20220229T2500"), "\"20220229T2500\" is not a time: there is no such day");
	EXPECT_EQ(explain("1 Feb, 2022"), "\"1 Feb, 2022\" is not a time in ISO 8601, such as 2022-01-31 13:05:00+10");
	EXPECT_EQ(explain("Feb 1, 2022"), "\"Feb 1, 2022\" is not a time in ISO 8601; "
									  "time_formats => '{\"%b %d, %Y\"}' would read it");
}

} // namespace vero
