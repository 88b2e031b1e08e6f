// Counts how many different texts there are, in memory that has a limit.
#include "core/inspect/distinct_counter.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace vero {
namespace {

template <class Word> std::uint64_t load(char const *bytes)
{
	Word word = 0;
	std::memcpy(&word, bytes, sizeof word);
	return word;
}

/// Both halves of a product: each bit of it depends on many bits of either factor.
std::uint64_t mix(std::uint64_t a, std::uint64_t b)
{
	__extension__ using Product = unsigned __int128;
	Product const product = static_cast<Product>(a) * b;
	return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

} // namespace

std::uint64_t counting_hash(HashKey const &key, std::string_view text)
{
	constexpr std::size_t kBlock = 16;
	char const *bytes = text.data();
	std::size_t size = text.size();
	std::uint64_t state = key[0] ^ text.size();
	for (; size > kBlock; size -= kBlock, bytes += kBlock)
		state = mix(load<std::uint64_t>(bytes) ^ state, load<std::uint64_t>(bytes + 8) ^ key[1]);
	// the last bytes, read from both ends
	std::uint64_t first = 0, last = 0;
	if (size >= 8) {
		first = load<std::uint64_t>(bytes);
		last = load<std::uint64_t>(bytes + size - 8);
	} else if (size >= 4) {
		first = load<std::uint32_t>(bytes);
		last = load<std::uint32_t>(bytes + size - 4);
	} else if (size > 0) {
		first = load<std::uint8_t>(bytes) | load<std::uint8_t>(bytes + size / 2) << 8U;
		last = load<std::uint8_t>(bytes + size - 1);
	}
	return mix(mix(first ^ state, last ^ key[1]) ^ key[0], key[1] | 1U);
}

void DistinctCounter::catch_up()
{
	for (std::size_t i = 0; i < put_off_count_; i++) {
		put(put_off_[i]);
		if (size_ > slots_.size() / 2)
			make_room();
	}
	put_off_count_ = 0;
}

/// The slot in which it is, or would be.
std::size_t DistinctCounter::find(std::uint64_t hash) const
{
	std::size_t const mask = slots_.size() - 1;
	std::size_t at = hash & mask;
	while (slots_[at] != 0 && slots_[at] != hash)
		at = (at + 1) & mask;
	return at;
}

std::uint64_t DistinctCounter::count() const
{
	std::size_t more = 0;
	for (std::size_t i = 0; i < put_off_count_; i++) {
		auto const end = put_off_.begin() + static_cast<std::ptrdiff_t>(i);
		more += slots_[find(put_off_[i])] == 0 && std::find(put_off_.begin(), end, put_off_[i]) == end ? 1 : 0;
	}
	return std::uint64_t{size_ + more} << halvings_;
}

/// Unless it is there, or no part of the sample any more.
void DistinctCounter::put(std::uint64_t hash)
{
	std::uint64_t &slot = slots_[find(hash)];
	if (slot == 0 && hash <= highest_) {
		slot = hash;
		size_++;
	}
}

void DistinctCounter::make_room()
{
	if (slots_.size() < most_slots_) {
		rebuild(slots_.size() * 2);
		return;
	}
	while (size_ > slots_.size() / 2) {
		highest_ >>= 1U;
		halvings_++;
		rebuild(slots_.size());
	}
}

void DistinctCounter::rebuild(std::size_t slots)
{
	std::vector<std::uint64_t> const before = std::exchange(slots_, std::vector<std::uint64_t>(slots));
	size_ = 0;
	for (std::uint64_t const hash : before) {
		if (hash != 0)
			put(hash);
	}
}

} // namespace vero
