// Checks what is told of a file that was read: columns, layouts, names, and what is doubtful about these.
#include "core/report/import_reading.hpp"

#include "core/intake/validator.hpp"

#include <gtest/gtest.h>

namespace vero {
namespace {

ReadingCounts counts_of(std::vector<std::string> const &names)
{
	ReadingCounts counts{NameCounts(HashKey{1, 2}), NameCounts(HashKey{1, 2})};
	for (auto const &name : names)
		counts.names.add(name);
	return counts;
}

Header header_of(std::vector<std::string> names, std::vector<ColumnTarget> const &targets = {}, bool has_name = false)
{
	return resolve_header(std::move(names), targets, has_name).value();
}

std::vector<std::string> numbered(std::size_t count)
{
	std::vector<std::string> names;
	for (std::size_t i = 0; i < count; i++)
		names.push_back("#" + std::to_string(i));
	return names;
}

TEST(ImportReading, NamesTheColumns)
{
	std::vector<ColumnTarget> const targets{{"time", "Date", "Clock"}, {"notes", std::nullopt}};
	auto const header =
		header_of({"E-Mail", "Date", "Clock", "notes"}, {{"email", "E-Mail"}, targets[0], targets[1]}, true);
	std::vector<TimeLayout> const layouts{TimeLayout::compile("unix_s").value()};
	auto counts = counts_of({"a", "b", "b"});
	counts.iso_times = 2;
	counts.layout_times = {1};
	auto const reading = make_reading(header, counts, layouts, targets);
	EXPECT_EQ(reading.email, "E-Mail");
	EXPECT_EQ(reading.time, (std::vector<std::string>{"Date", "Clock"}));
	EXPECT_FALSE(reading.event_name);
	EXPECT_EQ(reading.ignored, std::vector<std::string>{"notes"});
	EXPECT_EQ(reading.ignored_columns, 1U);
	ASSERT_EQ(reading.times.size(), 2U);
	EXPECT_EQ(reading.times[0].times, 2U);
	EXPECT_EQ(reading.times[1].layout, "unix_s");
	EXPECT_EQ(reading.times[1].times, 1U);
	ASSERT_EQ(reading.names.size(), 2U);
	EXPECT_EQ(reading.names[0].name, "b");
	EXPECT_EQ(reading.distinct_names, 2U);
	EXPECT_EQ(reading.events, 3U);
}

TEST(ImportReading, TellsFewOfManyNamesAndColumns)
{
	std::vector<std::string> columns{"email", "event", "time"};
	std::vector<ColumnTarget> targets;
	for (std::size_t i = 0; i < 12; i++) {
		columns.push_back("c" + std::to_string(i));
		targets.push_back({columns.back(), std::nullopt});
	}
	auto const reading = make_reading(header_of(columns, targets), counts_of(numbered(7)), {}, targets);
	EXPECT_EQ(reading.ignored.size(), ImportReading::kListedColumns);
	EXPECT_EQ(reading.ignored_columns, 12U);
	EXPECT_EQ(reading.names.size(), kToldNames);
	EXPECT_EQ(reading.names[0].name, "#0");
	EXPECT_EQ(reading.distinct_names, 7U);
	EXPECT_EQ(reading.event_name, "event");
}

TEST(ImportReading, DoubtsNamesThatNearlyAllDiffer)
{
	auto const doubts = [](std::string const &column, std::size_t events,
						   std::vector<ColumnTarget> const &targets = {}) {
		return make_reading(header_of({"email", column, "time"}, targets), counts_of(numbered(events)), {}, targets)
			.doubt.has_value();
	};
	EXPECT_FALSE(doubts("Name", 1));
	EXPECT_TRUE(doubts("Name", 2));
	EXPECT_FALSE(doubts("event_name", 19));
	EXPECT_TRUE(doubts("event_name", 20));
	EXPECT_FALSE(doubts("Name", 19, {{"event_name", "Name"}}));
	EXPECT_TRUE(doubts("Name", 20, {{"event_name", "Name"}}));
	EXPECT_FALSE(make_reading(header_of({"email", "time"}, {}, true), counts_of(numbered(20)), {}, {}).doubt);
}

TEST(ImportReading, DoubtsNamesOfRejectsToo)
{
	auto const header = header_of({"email", "Name", "time"});
	auto counts = counts_of({"Ann"});
	counts.rejected_names.add("Bob");
	auto const doubt = make_reading(header, counts, {}, {}).doubt;
	ASSERT_TRUE(doubt);
	EXPECT_EQ(doubt->names, 2U);
	EXPECT_EQ(doubt->records, 2U);
	EXPECT_TRUE(doubt->are_all_counted);
	counts = counts_of({"Buys"});
	counts.rejected_names.add("Buys");
	EXPECT_FALSE(make_reading(header, counts, {}, {}).doubt);
}

} // namespace
} // namespace vero
