// Counts how many different texts there are, in memory that has a limit.
#pragma once

#include "core/intake/siphash.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace vero {

/// A text's hash for counting, which nobody can aim at without the key; faster than siphash(), and good for no more than that.
std::uint64_t counting_hash(HashKey const &key, std::string_view text);

/// Counts hashes one by one up to half of `most_slots`, and then a sample that is halved whenever it is too large (Wegman's adaptive
/// sampling): the count is an estimate then, about 1.2 / sqrt(most_slots / 4) off as a rule.
class DistinctCounter {
public:
	/// `most_slots` is a power of two, and at least kFirstSlots. A slot takes 8 bytes.
	explicit DistinctCounter(std::size_t most_slots) : most_slots_(most_slots) {}

	static constexpr std::size_t kFirstSlots = 16;

	/// False where it is known that the hash was there before; true of all that are not in the sample.
	bool add(std::uint64_t hash);

	std::uint64_t count() const { return std::uint64_t{size_} << halvings_; }
	bool is_estimate() const { return halvings_ > 0; }

private:
	void make_room();
	void rebuild(std::size_t slots);
	void put(std::uint64_t hash);

	std::size_t most_slots_;
	std::vector<std::uint64_t> slots_; ///< 0: free
	std::size_t size_ = 0;
	unsigned halvings_ = 0;
	std::uint64_t highest_ = std::numeric_limits<std::uint64_t>::max(); ///< hash in the sample
};

} // namespace vero
