// Numbers the contacts of an import: one hash look-up for a record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vero {

/// Maps normalised addresses to slots 0, 1, 2, ... in the order of their first appearance.
class ContactIndex {
public:
	/// `seed` makes the hash unpredictable, so that no file can be made to collide.
	explicit ContactIndex(std::uint64_t seed);

	/// The slot of `email`, a new one if it was not there.
	std::uint32_t find_or_add(std::string_view email);

	/// Valid until the next find_or_add() or clear().
	std::string_view email(std::uint32_t slot) const
	{
		return std::string_view(text_).substr(ends_[slot], ends_[slot + 1] - ends_[slot]);
	}

	std::uint32_t size() const { return static_cast<std::uint32_t>(ends_.size() - 1); }
	/// Memory in use, in bytes, roughly.
	std::size_t bytes() const;
	/// Forgets all contacts but keeps the memory.
	void clear();

private:
	struct Entry {
		std::uint32_t hash;
		std::uint32_t slot_plus_one; ///< 0: free
	};

	std::uint64_t hash(std::string_view email) const;
	std::size_t place_of(std::string_view email, std::uint64_t hashed) const;
	void grow();

	std::uint64_t seed_;
	std::string text_;				  ///< all addresses, one behind the other
	std::vector<std::uint32_t> ends_; ///< ends_[slot] is where the address begins, ends_[slot + 1] where it ends
	std::vector<Entry> table_;		  ///< open addressing, a power of two in size, at most half full
};

} // namespace vero
