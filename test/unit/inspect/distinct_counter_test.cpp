// Checks that texts are counted, exactly as long as they are few and well enough when they are many.
#include "core/inspect/distinct_counter.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <set>
#include <string>

namespace vero {
namespace {

constexpr HashKey kKey{0x0011223344556677, 0x8899AABBCCDDEEFF};

std::uint64_t hash_of(std::size_t number)
{
	return counting_hash(kKey, "value " + std::to_string(number));
}

TEST(CountingHash, TellsTextsOfAllLengthsApart)
{
	std::set<std::uint64_t> hashes;
	std::string text;
	for (int i = 0; i < 200; ++i) {
		EXPECT_TRUE(hashes.insert(counting_hash(kKey, text)).second) << i;
		text += 'x';
	}
	// each byte counts, wherever it stands
	for (std::size_t size = 1; size < 70; ++size) {
		std::string const same(size, 'a');
		for (std::size_t at = 0; at < size; ++at) {
			std::string other = same;
			other[at] = 'b';
			EXPECT_NE(counting_hash(kKey, same), counting_hash(kKey, other)) << size << ' ' << at;
		}
	}
	EXPECT_NE(counting_hash(kKey, "a"), counting_hash({kKey[0] + 1, kKey[1]}, "a"));
	EXPECT_NE(counting_hash(kKey, "a"), counting_hash({kKey[0], kKey[1] + 1}, "a"));
}

TEST(CountingHash, SpreadsItsBits)
{
	constexpr int kTexts = 10'000;
	for (unsigned bit = 0; bit < 64; ++bit) {
		int ones = 0;
		for (int i = 0; i < kTexts; ++i)
			ones += static_cast<int>(counting_hash(kKey, "a" + std::to_string(i) + "@b.co") >> bit & 1U);
		EXPECT_NEAR(ones, kTexts / 2, 300) << bit;
	}
}

TEST(DistinctCounter, CountsFewOneByOne)
{
	DistinctCounter counter(1024);
	EXPECT_EQ(counter.count(), 0U);
	for (std::size_t i = 0; i < 512; ++i) {
		EXPECT_TRUE(counter.add(hash_of(i)));
		EXPECT_FALSE(counter.add(hash_of(i)));
		EXPECT_EQ(counter.count(), i + 1);
	}
	EXPECT_FALSE(counter.is_estimate());
	for (std::size_t i = 512; i < 528; ++i) // it catches up with a few at a time
		counter.add(hash_of(i));
	EXPECT_TRUE(counter.is_estimate());
}

TEST(DistinctCounter, CountsAHashOfZero)
{
	DistinctCounter counter(16);
	EXPECT_TRUE(counter.add(0));
	EXPECT_FALSE(counter.add(0));
	EXPECT_EQ(counter.count(), 1U);
}

TEST(DistinctCounter, KnowsWhatWasThereLately)
{
	DistinctCounter counter(1024);
	EXPECT_TRUE(counter.add(5));
	EXPECT_TRUE(counter.add(6));
	EXPECT_FALSE(counter.add(5));
	EXPECT_TRUE(counter.add((std::uint64_t{1} << 40U) + 5)) << "in its place";
	EXPECT_TRUE(counter.add(5)) << "which may be new, for all that is known without a look";
	EXPECT_EQ(counter.count(), 3U);
}

TEST(DistinctCounter, EstimatesMany)
{
	DistinctCounter counter(16 * 1024);
	for (std::size_t const many : {20'000U, 200'000U, 2'000'000U}) {
		for (std::size_t i = 0; i < many; ++i)
			counter.add(hash_of(i));
		EXPECT_TRUE(counter.is_estimate());
		EXPECT_NEAR(static_cast<double>(counter.count()), many, many * 0.06);
	}
}

TEST(DistinctCounter, TakesHashesThatMeetInOneSlot)
{
	DistinctCounter counter(64);
	for (std::uint64_t i = 1; i <= 30; ++i)
		EXPECT_TRUE(counter.add(i << 32U));
	for (std::uint64_t i = 1; i <= 30; ++i)
		counter.add(i << 32U);
	EXPECT_EQ(counter.count(), 30U);
}

} // namespace
} // namespace vero
