// Checks that the filter forgets nothing, and seldom takes one for seen that was not.
#include "core/intake/key_filter.hpp"

#include <gtest/gtest.h>
#include <random>

namespace vero {
namespace {

TEST(KeyFilter, ForgetsNothing)
{
	std::mt19937_64 random(1);
	KeyFilter filter(1 << 12);
	std::vector<std::uint64_t> hashes;
	for (int i = 0; i < 10'000; i++)
		filter.add(hashes.emplace_back(random()));
	for (std::uint64_t const hash : hashes)
		EXPECT_TRUE(filter.add(hash));
}

TEST(KeyFilter, KnowsWhatIsNew)
{
	constexpr std::size_t kSize = 1 << 20;
	constexpr int kHashes = kSize / 8; // 64 bits for each
	std::mt19937_64 random(2);
	KeyFilter filter(kSize);
	EXPECT_EQ(filter.bytes(), kSize);
	int taken_for_seen = 0;
	for (int i = 0; i < kHashes; i++)
		taken_for_seen += filter.add(random()) ? 1 : 0;
	EXPECT_LT(taken_for_seen, kHashes / 1'000);
}

TEST(GrowingKeyFilter, ForgetsNothing)
{
	std::mt19937_64 random(3);
	GrowingKeyFilter filter;
	std::vector<std::uint64_t> hashes;
	for (int i = 0; i < 1'500'000; i++)
		filter.add(hashes.emplace_back(random()));
	EXPECT_EQ(filter.bytes(), (64 << 10) + (2 << 20) + (8 << 20));
	for (std::uint64_t const hash : hashes)
		ASSERT_TRUE(filter.add(hash));
}

TEST(GrowingKeyFilter, KnowsWhatIsNewInAsMuchMemoryAsThatTakes)
{
	std::mt19937_64 random(4);
	GrowingKeyFilter filter;
	EXPECT_EQ(filter.bytes(), 0);
	int taken_for_seen = 0;
	auto add = [&](int hashes) {
		for (int i = 0; i < hashes; i++)
			taken_for_seen += filter.add(random()) ? 1 : 0;
	};
	add(30'000);
	EXPECT_EQ(filter.bytes(), 64 << 10);
	add(970'000);
	EXPECT_EQ(filter.bytes(), (64 << 10) + (2 << 20));
	EXPECT_LT(taken_for_seen, 1'000'000 / 200);
}

} // namespace
} // namespace vero
