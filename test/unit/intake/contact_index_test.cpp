// Checks the numbering of contacts against std::unordered_map: growth in place, clear(), look-alikes, any key.
#include "core/intake/contact_index.hpp"

#include <gtest/gtest.h>
#include <random>
#include <string>
#include <unordered_map>

using namespace std::string_literals;

namespace vero {
namespace {

/// The index and what it should hold, side by side.
class Both {
public:
	explicit Both(HashKey const &key, std::size_t most = 0) : index_(key, most) {}

	void find_or_add(std::string const &email)
	{
		auto const expected = expected_.try_emplace(email, static_cast<std::uint32_t>(expected_.size())).first->second;
		ASSERT_EQ(index_.find_or_add(email), expected) << email;
		ASSERT_EQ(index_.size(), expected_.size());
	}

	void check_all()
	{
		ASSERT_EQ(index_.size(), expected_.size());
		for (auto const &[email, slot] : expected_)
			ASSERT_EQ(index_.find_or_add(email), slot);
		ASSERT_EQ(index_.size(), expected_.size());
	}

	void clear()
	{
		index_.clear();
		expected_.clear();
	}

	ContactIndex &index() { return index_; }

private:
	ContactIndex index_;
	std::unordered_map<std::string, std::uint32_t> expected_;
};

/// Entries behind the last home, and the free one at the end, where there are as many contacts as were expected.
std::size_t overhang(ContactIndex const &index, std::size_t most)
{
	return index.bytes() / 16 - ContactIndex::bytes_for(most, most) / 16;
}

std::string random_email(std::mt19937_64 &random, std::size_t people)
{
	auto const number = random() % people;
	return std::string(number % 23, 'x') + std::to_string(number) + "@example.com";
}

} // namespace

TEST(ContactIndex, NumbersInOrderOfFirstAppearance)
{
	ContactIndex index({7, 8}, 100);
	EXPECT_EQ(index.size(), 0U);
	EXPECT_EQ(index.find_or_add("b@x.y"), 0U);
	EXPECT_EQ(index.find_or_add("a@x.y"), 1U);
	EXPECT_EQ(index.find_or_add("b@x.y"), 0U);
	EXPECT_EQ(index.find_or_add("c@x.y"), 2U);
	EXPECT_EQ(index.size(), 3U);
}

TEST(ContactIndex, TellsApartWhatLooksAlike)
{
	// every length round the hash's words of 8 bytes, zeros that a short last word is filled up with, one byte's difference
	Both both({0, 0});
	both.find_or_add("");
	for (std::size_t size = 1; size <= 40; ++size) {
		both.find_or_add(std::string(size, '\0'));
		both.find_or_add(std::string(size, 'a'));
		for (std::size_t at = 0; at < size; ++at) {
			auto text = std::string(size, 'a');
			text[at] = 'b';
			both.find_or_add(text);
		}
	}
	both.check_all();
	both.find_or_add("ab");
	both.find_or_add("a");
	both.find_or_add("b");
}

TEST(ContactIndex, GrowsAsAMapDoes)
{
	for (std::uint64_t const seed :
		 {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}, std::uint64_t{0x9E3779B97F4A7C15}}) {
		std::mt19937_64 random(seed);
		// fewer than are expected, exactly as many, more
		for (std::size_t const most : {50'000, 35'000, 1'000, 0}) {
			Both both({seed, ~seed}, most);
			for (int i = 0; i < 60'000; ++i)
				both.find_or_add(random_email(random, 40'000));
			both.check_all();
		}
	}
}

TEST(ContactIndex, KeepsAllWheneverItGrows)
{
	for (std::size_t const most : {0, 900, 3'000}) {
		Both both({3, most}, most);
		for (int i = 0; i < 8'000; ++i) {
			auto const bytes = both.index().bytes();
			both.find_or_add("c" + std::to_string(i) + "@example.com");
			if (both.index().bytes() != bytes)
				both.check_all();
		}
		both.check_all();
	}
}

TEST(ContactIndex, ForgetsWhenCleared)
{
	std::mt19937_64 random(5);
	Both both({42, 42}, 7'000);
	for (std::size_t const people : {10, 5'000, 100, 20'000, 1}) {
		for (std::size_t i = 0; i < 2 * people; ++i)
			both.find_or_add(random_email(random, people));
		both.check_all();
		auto const bytes = both.index().bytes();
		both.clear();
		EXPECT_EQ(both.index().size(), 0U);
		EXPECT_LE(both.index().bytes(), bytes);
		both.check_all();
	}
}

TEST(ContactIndex, TakesNoMoreMemoryThanItSays)
{
	constexpr std::size_t kMost = 100'000;
	ContactIndex index({1, 2}, kMost);
	EXPECT_LE(index.bytes(), std::size_t{20'000});
	for (std::size_t i = 0; i < kMost; ++i) {
		index.find_or_add(std::to_string(i) + "@example.com");
		ASSERT_GE(index.bytes(), index.size() * 16);
		ASSERT_LE(index.bytes(), kMost * 183 / 10 + 16 * std::size_t{1024});
	}
	for (std::size_t i = 0; i < kMost; ++i)
		ASSERT_EQ(index.find_or_add(std::to_string(i) + "@example.com"), i);
}

TEST(ContactIndex, HasMoreRoomBehindTheLastHomeThanItNeeds)
{
	constexpr std::size_t kMost = 2'000;
	for (std::uint64_t seed = 0; seed < 100; ++seed) {
		ContactIndex index({seed, ~seed}, kMost);
		for (std::size_t i = 0; i < kMost; ++i)
			index.find_or_add(std::to_string(i) + "@example.com");
		ASSERT_LT(overhang(index, kMost), ContactIndex::kOverhang / 8) << seed;
	}
}

TEST(ContactIndex, LosesNothingWhereMoreStandBehindTheLastHome)
{
	// addresses whose homes are the last few, which only who knows the key can choose
	constexpr std::size_t kMost = 1'100;
	HashKey const key{1, 2};
	Both both(key, kMost);
	std::size_t checked = 0;
	for (int i = 0; both.index().size() < kMost; ++i) {
		std::string const email = std::to_string(i) + "@example.com";
		if (siphash(key, email).first < ~std::uint64_t{0} / 64 * 63)
			continue;
		both.find_or_add(email);
		std::size_t const behind = both.index().size() > 1'000 ? overhang(both.index(), kMost) : 0;
		if (behind + 1 >= ContactIndex::kOverhang && behind <= ContactIndex::kOverhang + 2) {
			both.check_all();
			++checked;
		}
	}
	both.check_all();
	EXPECT_EQ(checked, 4U) << "one less than there is room for, as many, and more";
}

} // namespace vero
