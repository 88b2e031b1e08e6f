// Numbers the contacts of an import: one hash look-up for a record.
#include "core/intake/contact_index.hpp"

#include <algorithm>

namespace vero {

ContactIndex::ContactIndex(HashKey const &key, std::size_t most) : key_(key), most_(most), homes_(kFirstHomes)
{
	// what is not used takes no memory, growing into other memory would
	table_.reserve(std::max(homes_for(most), kFirstHomes) + kOverhang);
	table_.resize(homes_ + 1);
}

bool ContactIndex::is_less(Entry const &a, Entry const &b)
{
	return a.hash != b.hash ? a.hash < b.hash : a.more_hash < b.more_hash;
}

/// Monotonous in the hash, so that growing keeps the order.
std::size_t ContactIndex::home(std::uint64_t hash) const
{
	return static_cast<std::size_t>(static_cast<unsigned __int128>(hash) * homes_ >> 64);
}

Hash128 ContactIndex::prepare(std::string_view email) const
{
	Hash128 const hash = siphash(key_, email);
	__builtin_prefetch(&table_[home(hash.first)]);
	return hash;
}

std::uint32_t ContactIndex::find_or_add(Hash128 const &hash)
{
	Entry entry{hash.first, static_cast<std::uint32_t>(hash.second), size_ + 1};
	std::size_t at = home(hash.first);
	while (table_[at].slot_plus_one != 0 && is_less(table_[at], entry))
		at++;
	if (table_[at].slot_plus_one != 0 && !is_less(entry, table_[at]))
		return table_[at].slot_plus_one - 1;
	insert(at, entry);
	if (homes_for(++size_) > homes_)
		grow();
	return size_ - 1;
}

/// Moves those that stand there up to the next gap.
void ContactIndex::insert(std::size_t at, Entry const &entry)
{
	std::size_t gap = at;
	while (table_[gap].slot_plus_one != 0)
		gap++;
	std::move_backward(table_.begin() + at, table_.begin() + gap, table_.begin() + gap + 1);
	table_[at] = entry;
	if (gap + 1 == table_.size())
		table_.emplace_back();
}

void ContactIndex::grow()
{
	std::size_t enough = homes_for(most_);
	homes_ = homes_ < enough ? std::min(homes_ * 2, enough) : homes_ * 2;
	std::size_t end = 0; // of the last entry in its new place
	for (Entry const &entry : table_) {
		if (entry.slot_plus_one != 0)
			end = std::max(end, home(entry.hash)) + 1;
	}
	table_.resize(std::max({homes_, end, table_.size()}) + 1);
	// all to the end without gaps, so that none is in the way of one before it
	std::size_t first = table_.size() - 1;
	for (std::size_t i = first; i-- > 0;) {
		if (table_[i].slot_plus_one != 0)
			table_[--first] = table_[i];
	}
	spread(first);
}

/// From a row of all entries that begins at `first` to where each belongs.
void ContactIndex::spread(std::size_t first)
{
	std::size_t next = 0;
	std::fill(table_.begin(), table_.begin() + first, Entry{});
	for (std::size_t i = first; i + 1 < table_.size(); i++) {
		Entry entry = table_[i];
		table_[i] = {};
		next = std::max(next, home(entry.hash));
		table_[next++] = entry;
	}
}

void ContactIndex::clear()
{
	std::fill(table_.begin(), table_.end(), Entry{});
	size_ = 0;
}

} // namespace vero
