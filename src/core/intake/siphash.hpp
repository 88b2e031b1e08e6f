// SipHash-2-4 with a result of 128 bits (Aumasson and Bernstein): a hash that nobody can predict without its key.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace vero {

/// 128 random bits, as two words.
using HashKey = std::array<std::uint64_t, 2>;

struct Hash128 {
	std::uint64_t first;
	std::uint64_t second;
};

/// The 16 bytes of the reference implementation's result, as two little-endian words. For a key that was drawn at random, the
/// results of two different texts are as good as independent, whoever chose the texts.
Hash128 siphash(HashKey const &key, std::string_view text);

} // namespace vero
