// Tells what was certainly not seen before, in memory that does not grow.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
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

	/// True where it was added before, or may have been.
	bool has(std::uint64_t hash) const
	{
		Block const &block = blocks_[hash & (blocks_.size() - 1)];
		std::uint64_t bits = hash >> 28;
		bool is_there = true;
		for (int i = 0; i < kBitsEach; i++, bits >>= kBitsOfPlace)
			is_there = is_there && (block.words[bits & (kWords - 1)] >> (bits >> 3 & 63) & 1) != 0;
		return is_there;
	}

	/// Tells the processor that add() or has() will be asked.
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

/// The same in as much memory as so many hashes need, up to 10 MB: a filter that has taken as many as it tells apart well is followed by a larger one, and
/// the last one takes all the rest.
class GrowingKeyFilter {
public:
	bool add(std::uint64_t hash)
	{
		if (room_ == 0)
			grow();
		for (std::size_t i = 0; i + 1 < filters_.size(); i++) {
			if (filters_[i].has(hash))
				return true;
		}
		bool was_there = filters_.back().add(hash);
		room_ -= was_there ? 0 : 1;
		return was_there;
	}

	void prefetch(std::uint64_t hash) const
	{
		for (KeyFilter const &filter : filters_)
			filter.prefetch(hash);
	}

	std::size_t bytes() const
	{
		std::size_t sum = 0;
		for (KeyFilter const &filter : filters_)
			sum += filter.bytes();
		return sum;
	}

private:
	static constexpr std::array<std::size_t, 3> kSizes{64 << 10, 2 << 20, 8 << 20};

	void grow()
	{
		std::size_t const size = kSizes[filters_.size()];
		filters_.emplace_back(size);
		// with 16 bits for each one hash of some 400 is taken for seen
		room_ = filters_.size() == kSizes.size() ? std::numeric_limits<std::size_t>::max() : size / 2;
	}

	std::vector<KeyFilter> filters_;
	std::size_t room_ = 0; ///< of the last one
};

} // namespace vero
