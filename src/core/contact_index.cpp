// Numbers the contacts of an import: one hash look-up for a record.
#include "core/contact_index.hpp"

#include <cstring>

namespace vero {
namespace {

constexpr std::size_t kFirstTableSize = 1024;

/// Folds the 128-bit product of two words: the mixing step of wyhash (Wang Yi).
std::uint64_t mix(std::uint64_t a, std::uint64_t b)
{
	auto product = static_cast<unsigned __int128>(a) * b;
	return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t load(char const *bytes, std::size_t size)
{
	std::uint64_t word = 0;
	std::memcpy(&word, bytes, size);
	return word;
}

} // namespace

ContactIndex::ContactIndex(std::uint64_t seed) : seed_(seed), ends_(1, 0), table_(kFirstTableSize, Entry{}) {}

std::uint64_t ContactIndex::hash(std::string_view email) const
{
	std::uint64_t state = seed_ ^ email.size();
	std::size_t at = 0;
	for (; at + 8 <= email.size(); at += 8)
		state = mix(state ^ load(email.data() + at, 8), 0x9E3779B97F4A7C15);
	state = mix(state ^ load(email.data() + at, email.size() - at), 0xD6E8FEB86659FD93);
	return mix(state ^ seed_, 0xA0761D6478BD642F);
}

/// Where in the table `email` is, or would be put.
std::size_t ContactIndex::place_of(std::string_view email, std::uint64_t hashed) const
{
	auto short_hash = static_cast<std::uint32_t>(hashed >> 32);
	std::size_t mask = table_.size() - 1;
	std::size_t at = hashed & mask;
	while (table_[at].slot_plus_one != 0 &&
		   (table_[at].hash != short_hash || this->email(table_[at].slot_plus_one - 1) != email))
		at = (at + 1) & mask;
	return at;
}

std::uint32_t ContactIndex::find_or_add(std::string_view email)
{
	std::uint64_t hashed = hash(email);
	Entry &entry = table_[place_of(email, hashed)];
	if (entry.slot_plus_one != 0)
		return entry.slot_plus_one - 1;
	text_.append(email);
	ends_.push_back(static_cast<std::uint32_t>(text_.size()));
	entry = {static_cast<std::uint32_t>(hashed >> 32), size()};
	std::uint32_t slot = size() - 1;
	if (size() * 2 > table_.size())
		grow();
	return slot;
}

void ContactIndex::grow()
{
	table_.assign(table_.size() * 2, Entry{});
	std::size_t mask = table_.size() - 1;
	for (std::uint32_t slot = 0; slot < size(); slot++) {
		std::uint64_t hashed = hash(email(slot));
		std::size_t at = hashed & mask;
		while (table_[at].slot_plus_one != 0)
			at = (at + 1) & mask;
		table_[at] = {static_cast<std::uint32_t>(hashed >> 32), slot + 1};
	}
}

std::size_t ContactIndex::bytes() const
{
	return text_.size() + ends_.size() * sizeof ends_[0] + table_.size() * sizeof table_[0];
}

void ContactIndex::clear()
{
	text_.clear();
	ends_.resize(1);
	table_.assign(table_.size(), Entry{});
}

} // namespace vero
