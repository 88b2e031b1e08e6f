// Checks the numbering of contacts against std::unordered_map: growth, clear(), look-alikes, any seed.
#include "core/contact_index.hpp"

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
	explicit Both(std::uint64_t seed) : index_(seed) {}

	void find_or_add(std::string const &email)
	{
		auto const expected = expected_.try_emplace(email, static_cast<std::uint32_t>(expected_.size())).first->second;
		ASSERT_EQ(index_.find_or_add(email), expected) << email;
		ASSERT_EQ(index_.email(expected), email);
		ASSERT_EQ(index_.size(), expected_.size());
	}

	void check_all()
	{
		ASSERT_EQ(index_.size(), expected_.size());
		for (auto const &[email, slot] : expected_) {
			ASSERT_EQ(index_.email(slot), email);
			ASSERT_EQ(index_.find_or_add(email), slot);
		}
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

std::string random_email(std::mt19937_64 &random, std::size_t people)
{
	auto const number = random() % people;
	return std::string(number % 23, 'x') + std::to_string(number) + "@example.com";
}

} // namespace

TEST(ContactIndex, NumbersInOrderOfFirstAppearance)
{
	ContactIndex index(7);
	EXPECT_EQ(index.size(), 0U);
	EXPECT_EQ(index.find_or_add("b@x.y"), 0U);
	EXPECT_EQ(index.find_or_add("a@x.y"), 1U);
	EXPECT_EQ(index.find_or_add("b@x.y"), 0U);
	EXPECT_EQ(index.find_or_add("c@x.y"), 2U);
	EXPECT_EQ(index.size(), 3U);
	EXPECT_EQ(index.email(0), "b@x.y");
	EXPECT_EQ(index.email(1), "a@x.y");
	EXPECT_EQ(index.email(2), "c@x.y");
}

TEST(ContactIndex, TellsApartWhatLooksAlike)
{
	// every length round the hash's words of 8 bytes, zeros that a short last word is filled up with, one byte's difference
	Both both(0);
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
		Both both(seed);
		for (int i = 0; i < 60'000; ++i)
			both.find_or_add(random_email(random, 40'000));
		both.check_all();
	}
}

TEST(ContactIndex, GrowsExactlyWhereItIsHalfFull)
{
	Both both(3);
	for (int i = 0; i < 5'000; ++i) {
		both.find_or_add("c" + std::to_string(i) + "@example.com");
		if ((i & (i + 1)) == 0 || (i & (i - 1)) == 0)
			both.check_all();
	}
}

TEST(ContactIndex, ForgetsWhenCleared)
{
	std::mt19937_64 random(5);
	Both both(42);
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

TEST(ContactIndex, CountsItsMemory)
{
	ContactIndex index(1);
	auto const empty = index.bytes();
	std::size_t text = 0;
	for (int i = 0; i < 10'000; ++i) {
		auto const email = std::to_string(i) + "@example.com";
		text += email.size();
		index.find_or_add(email);
	}
	EXPECT_GE(index.bytes(), empty + text + std::size_t{10'000} * 4);
	EXPECT_LE(index.bytes(), empty + text + std::size_t{10'000} * (4 + 8 * 4));
}

TEST(ContactIndex, TakesAnAddressOutOfItself)
{
	ContactIndex index(9);
	index.find_or_add("somebody@example.com");
	for (int i = 0; i < 20; ++i) {
		auto const expected = std::string(index.email(0).substr(0, 19 - i));
		auto const slot = index.find_or_add(index.email(0).substr(0, 19 - i));
		EXPECT_EQ(index.email(slot), expected);
	}
}

} // namespace vero
