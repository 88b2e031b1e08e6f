// Counts how many different texts there are, in memory that has a limit.
#pragma once

#include "core/intake/siphash.hpp"

#include <array>
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
	explicit DistinctCounter(std::size_t most_slots) : most_slots_(most_slots), slots_(kFirstSlots) {}

	static constexpr std::size_t kFirstSlots = 16;

	/// False where the hash is known to have been there lately; true of all that may be new.
	bool add(std::uint64_t hash)
	{
		hash |= hash == 0 ? 1U : 0U;
		std::uint64_t &recent = recent_[hash % kRecent];
		if (recent == hash)
			return false;
		recent = hash;
		if (hash <= highest_)
			put_off(hash);
		return true;
	}

	std::uint64_t count() const;
	bool is_estimate() const { return halvings_ > 0; }

private:
	static constexpr std::size_t kRecent = 32;
	static constexpr std::size_t kPutOff = 16;

	/// Looking for a slot at once would wait for memory; until it is looked for the slot has come.
	void put_off(std::uint64_t hash)
	{
		__builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
		put_off_[put_off_count_++] = hash;
		if (put_off_count_ == kPutOff)
			catch_up();
	}
	void catch_up();
	std::size_t find(std::uint64_t hash) const;
	void make_room();
	void rebuild(std::size_t slots);
	void put(std::uint64_t hash);

	std::size_t most_slots_;
	std::vector<std::uint64_t> slots_; ///< 0: free
	std::size_t size_ = 0;
	std::size_t put_off_count_ = 0;
	unsigned halvings_ = 0;
	std::uint64_t highest_ = std::numeric_limits<std::uint64_t>::max(); ///< hash in the sample
	std::array<std::uint64_t, kRecent> recent_{};
	std::array<std::uint64_t, kPutOff> put_off_{};
};

} // namespace vero
