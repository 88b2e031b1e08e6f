// Checks that events are counted by their names, however many there are.
#include "core/intake/name_counts.hpp"

#include <gtest/gtest.h>

namespace vero {
namespace {

constexpr HashKey kKey{1, 2};

std::vector<std::pair<std::string, std::uint64_t>> pairs_of(NameCounts const &counts)
{
	std::vector<std::pair<std::string, std::uint64_t>> pairs;
	for (NameCount const &count : counts.counts())
		pairs.emplace_back(count.name, count.events);
	return pairs;
}

TEST(NameCounts, CountsEachName)
{
	NameCounts counts(kKey);
	EXPECT_EQ(counts.events(), 0U);
	EXPECT_FALSE(counts.is_nearly_distinct());
	for (auto const *const name : {"Buys", "", "Buys", "Sells", "Buya"})
		counts.add(name);
	counts.add_again();
	EXPECT_EQ(pairs_of(counts),
			  (std::vector<std::pair<std::string, std::uint64_t>>{{"Buys", 2}, {"", 1}, {"Sells", 1}, {"Buya", 2}}));
	EXPECT_EQ(counts.events(), 6U);
	EXPECT_TRUE(counts.is_complete());
}

TEST(NameCounts, TellsManyNamesApart)
{
	NameCounts counts(kKey);
	for (int round = 0; round < 3; round++) {
		for (std::size_t i = 0; i < NameCounts::kMost; i++)
			counts.add("name " + std::to_string(i));
	}
	ASSERT_EQ(counts.counts().size(), NameCounts::kMost);
	for (NameCount const &count : counts.counts())
		EXPECT_EQ(count.events, 3U) << count.name;
	EXPECT_TRUE(counts.is_complete());
	counts.add("one more");
	counts.add_again();
	EXPECT_FALSE(counts.is_complete());
	EXPECT_EQ(counts.counts().size(), NameCounts::kMost);
	EXPECT_EQ(counts.events(), 3 * NameCounts::kMost + 2);
	counts.add("name 7");
	EXPECT_EQ(counts.counts()[7].events, 4U);
}

TEST(NameCounts, MergesOthers)
{
	NameCounts counts(kKey), others(HashKey{3, 4});
	for (auto const *const name : {"Buys", "Sells"})
		counts.add(name);
	for (auto const *const name : {"Returns", "Sells", "Sells"})
		others.add(name);
	counts.merge(others);
	EXPECT_EQ(pairs_of(counts),
			  (std::vector<std::pair<std::string, std::uint64_t>>{{"Buys", 1}, {"Sells", 3}, {"Returns", 1}}));
	for (std::size_t i = 0; i < NameCounts::kMost; i++)
		others.add("name " + std::to_string(i));
	EXPECT_FALSE(others.is_complete());
	counts.merge(others);
	EXPECT_EQ(counts.counts().size(), NameCounts::kMost);
	EXPECT_FALSE(counts.is_complete());
	EXPECT_EQ(counts.events(), 2U + 3 + 3 + NameCounts::kMost);
}

TEST(NameCounts, SeesThatNearlyAllDiffer)
{
	NameCounts counts(kKey);
	counts.add("a");
	EXPECT_FALSE(counts.is_nearly_distinct());
	counts.add("b");
	EXPECT_TRUE(counts.is_nearly_distinct());
	counts.add("b");
	EXPECT_FALSE(counts.is_nearly_distinct());
	NameCounts many(kKey);
	for (std::size_t i = 0; i < 2 * NameCounts::kMost; i++) {
		many.add("name " + std::to_string(i));
		many.add("name " + std::to_string(i - i % 20));
	}
	EXPECT_FALSE(many.is_nearly_distinct());
	NameCounts more(kKey);
	for (std::size_t i = 0; i < 10 * NameCounts::kMost; i++)
		more.add("name " + std::to_string(i));
	for (std::size_t i = 0; i < 100 * NameCounts::kMost; i++)
		more.add("name 1"); // behind the names that were told apart
	EXPECT_TRUE(more.is_nearly_distinct());
}

} // namespace
} // namespace vero
