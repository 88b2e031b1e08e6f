// Counts the events of each name, in memory that has a limit.
#pragma once

#include "core/intake/siphash.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vero {

/// So many events have this name.
struct NameCount {
	std::string name;
	std::uint64_t events = 0;
};

/// The first kMost names are told apart; events of all others are counted together. Names are looked up by a hash that nobody can aim at.
class NameCounts {
public:
	static constexpr std::size_t kMost = 1'000;

	explicit NameCounts(HashKey const &key) : key_(key) {}

	/// Counts an event of that name.
	void add(std::string_view name);
	/// Counts another event of the name that was added last.
	void add_again() { ++*last_count(); }

	/// All names that are told apart, in the order of their first events.
	std::vector<NameCount> const &counts() const { return counts_; }
	/// There are no other names.
	bool is_complete() const { return others_ == 0; }
	/// Of several names nearly every one has one event only, as those of people and orders do.
	bool is_nearly_distinct() const;
	std::uint64_t events() const;
	/// Adds those of `other` as if they had come behind its own.
	void merge(NameCounts const &other);

private:
	static constexpr std::size_t kSlots = 2'048; ///< a power of two
	static constexpr std::size_t kRecent = 64;	 ///< the same
	static constexpr std::uint16_t kOther = kMost;

	std::uint64_t *last_count() { return last_ == kOther ? &others_ : &counts_[last_].events; }
	void select(std::string_view name);
	std::uint16_t find_or_add(std::string_view name);

	HashKey key_;
	std::vector<NameCount> counts_;
	std::array<std::uint16_t, kSlots> slots_{};	  ///< of an open hash table: a place in counts_, from 1; 0: free
	std::array<std::uint16_t, kRecent> recent_{}; ///< the same, of names that came lately, by few of their bytes
	std::uint16_t last_ = kOther;				  ///< place in counts_
	std::uint64_t others_ = 0;					  ///< events of other names
	std::uint64_t before_ = 0;					  ///< events before the first of them
};

} // namespace vero
