// Checks SHA-256 against known digests, in pieces of any size, and the fast way against the plain one.
#include "core/compression/sha256.hpp"

#include <gtest/gtest.h>
#include <random>
#include <string>

namespace vero {
namespace {

std::string hex(Sha256Digest const &digest)
{
	std::string text;
	for (auto const byte : digest) {
		text += "0123456789abcdef"[byte >> 4U];
		text += "0123456789abcdef"[byte & 15U];
	}
	return text;
}

std::string hash(std::string_view bytes, Sha256::Way way)
{
	Sha256 sha(way);
	sha.add(bytes);
	return hex(sha.digest());
}

TEST(Sha256, HashesTheStandardsExamples)
{
	for (auto const way : {Sha256::Way::plain, Sha256::Way::fastest}) {
		EXPECT_EQ(hash("", way), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
		EXPECT_EQ(hash("abc", way), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
		EXPECT_EQ(hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", way),
				  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
		EXPECT_EQ(hash(std::string(1'000'000, 'a'), way),
				  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	}
}

TEST(Sha256, IsTheSameInPiecesAndBothWays)
{
	std::mt19937 random(7); // NOLINT(cert-msc51-cpp): the same bytes each time
	std::string bytes;
	for (std::size_t size = 0; size < 400; size++, bytes += static_cast<char>(random())) {
		auto const expected = hash(bytes, Sha256::Way::plain);
		EXPECT_EQ(hash(bytes, Sha256::Way::fastest), expected);
		Sha256 sha;
		for (std::size_t at = 0; at < bytes.size();) {
			std::size_t const piece = random() % 150;
			sha.add(std::string_view(bytes).substr(at, piece));
			(void)sha.digest();
			at += piece;
		}
		EXPECT_EQ(hex(sha.digest()), expected) << size;
	}
}

} // namespace
} // namespace vero
