// Numbers the contacts of an import: one hash look-up for a record.
#pragma once

#include "core/intake/siphash.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace vero {

/// Maps normalised addresses to slots 0, 1, 2, ... in the order of their first appearance, without keeping the addresses: one is
/// known by 96 bits of a hash whose key is drawn at random for each import. Nobody can aim at a collision, and by chance there is one among a
/// million addresses in one of 10^17 imports: memory errs more often.
class ContactIndex {
public:
	/// Its memory grows to what `most` contacts take, 18.3 bytes each, and beyond that if more come.
	ContactIndex(HashKey const &key, std::size_t most);

	/// Has the memory fetched in which find_or_add() looks for `email`: among many contacts that takes as long as the rest of a record.
	Hash128 prepare(std::string_view email) const;
	/// The slot of the address of which prepare() gave this, a new one if it was not there.
	std::uint32_t find_or_add(Hash128 const &hash);
	std::uint32_t find_or_add(std::string_view email) { return find_or_add(prepare(email)); }

	std::uint32_t size() const { return size_; }
	/// Memory in use, in bytes.
	std::size_t bytes() const { return table_.size() * sizeof table_[0]; }
	/// What it is at most after so many contacts, roughly.
	static constexpr std::size_t bytes_for(std::size_t contacts, std::size_t most)
	{
		std::size_t homes = std::max(homes_for(contacts), kFirstHomes), enough = homes_for(most);
		return (homes <= enough ? std::min(homes * 2, enough) : homes * 2) * sizeof(Entry);
	}
	/// So many entries behind the last home have room from the beginning: more than ever are needed.
	static constexpr std::size_t kOverhang = 1024;
	/// Forgets all contacts but keeps the memory.
	void clear();

private:
	static constexpr std::size_t kFirstHomes = 1024;

	/// A table for so many contacts is seven eighths full.
	static constexpr std::size_t homes_for(std::size_t contacts) { return contacts + contacts / 7 + 1; }

	/// Ordered by the hash; the table has gaps, but an entry stands at its home or behind entries that reach up to there.
	struct Entry {
		std::uint64_t hash;
		std::uint32_t more_hash;
		std::uint32_t slot_plus_one; ///< 0: free
	};

	static bool is_less(Entry const &a, Entry const &b);
	std::size_t home(std::uint64_t hash) const;
	void insert(std::size_t at, Entry const &entry);
	void grow();
	void spread(std::size_t first);

	HashKey key_;
	std::size_t most_;
	std::uint32_t size_ = 0;
	std::size_t homes_;
	std::vector<Entry>
		table_; ///< longer than its homes_: what does not fit them stands behind, and the last entry is free
};

} // namespace vero
