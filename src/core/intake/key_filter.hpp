// Tells what was certainly not seen before, in memory that does not grow.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace vero {

/// A Bloom filter of 64-bit hashes whose bits for one hash lie in one line of the processor's cache. The fuller it gets, the more hashes
/// it takes for seen that were not.
class KeyFilter {
public:
	/// `bytes` is a power of two, 64 at least.
	explicit KeyFilter(std::size_t bytes) : blocks_(bytes / sizeof(Block)) {}

	/// Takes note of the hash. False where it was not there before; true where it was, or may have been.
	bool add(std::uint64_t hash)
	{
		Block &block = blocks_[hash & (blocks_.size() - 1)];
		std::uint64_t bits = hash >> 28; // four numbers of nine bits
		bool was_there = true;
		for (int i = 0; i < kBitsEach; i++, bits >>= kBitsOfPlace) {
			std::uint64_t &word = block.words[bits & (kWords - 1)];
			std::uint64_t const bit = std::uint64_t{1} << (bits >> 3 & 63);
			was_there = was_there && (word & bit) != 0;
			word |= bit;
		}
		return was_there;
	}

	/// Tells the processor that add() will be asked.
	void prefetch(std::uint64_t hash) const { __builtin_prefetch(&blocks_[hash & (blocks_.size() - 1)]); }

	std::size_t bytes() const { return blocks_.size() * sizeof(Block); }

private:
	static constexpr int kBitsEach = 4;
	static constexpr int kBitsOfPlace = 9;
	static constexpr std::size_t kWords = 8;

	struct alignas(64) Block {
		std::array<std::uint64_t, kWords> words{};
	};

	std::vector<Block> blocks_;
};

} // namespace vero
