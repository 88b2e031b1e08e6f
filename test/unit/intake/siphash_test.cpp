// Checks SipHash against the reference implementation's vectors.
#include "core/intake/siphash.hpp"

#include <gtest/gtest.h>
#include <string>

namespace vero {
namespace {

/// Of the reference's key, 00 01 ... 0f, and its text of this size, 00 01 02 ...; as bytes in hexadecimal.
std::string reference_hash(std::size_t size)
{
	std::string text;
	for (std::size_t i = 0; i < size; ++i)
		text.push_back(static_cast<char>(i));
	Hash128 const hash = siphash({0x0706050403020100, 0x0F0E0D0C0B0A0908}, text);
	std::string hex;
	for (auto const word : {hash.first, hash.second})
		for (int byte = 0; byte < 8; ++byte)
			for (int const shift : {4, 0})
				hex.push_back("0123456789abcdef"[word >> (8 * byte + shift) & 15]);
	return hex;
}

} // namespace

TEST(SipHash, GivesTheReferencesResults)
{
	EXPECT_EQ(reference_hash(0), "a3817f04ba25a8e66df67214c7550293");
	EXPECT_EQ(reference_hash(1), "da87c1d86b99af44347659119b22fc45");
	EXPECT_EQ(reference_hash(2), "8177228da4a45dc7fca38bdef60affe4");
	EXPECT_EQ(reference_hash(3), "9c70b60c5267a94e5f33b6b02985ed51");
	EXPECT_EQ(reference_hash(4), "f88164c12d9c8faf7d0f6e7c7bcd5579");
}

TEST(SipHash, DependsOnEveryBitOfTheKey)
{
	HashKey const key{1, 2};
	Hash128 const hash = siphash(key, "somebody@example.com");
	for (int bit = 0; bit < 128; ++bit) {
		HashKey other = key;
		other[bit / 64] ^= std::uint64_t{1} << (bit % 64);
		Hash128 const differs = siphash(other, "somebody@example.com");
		EXPECT_NE(differs.first, hash.first) << bit;
		EXPECT_NE(differs.second, hash.second) << bit;
	}
}

} // namespace vero
