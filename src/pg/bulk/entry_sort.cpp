// Sorts index entries.
#include "pg/bulk/entry_sort.hpp"

#include <bit>

namespace vero::pg {
namespace {

constexpr int kBits = 8; // so few that the processor knows where in memory all stretches are
constexpr std::size_t kBuckets = std::size_t{1} << kBits;
constexpr std::size_t kWorthwhile = 4 * kBuckets; // entries

/// Stretches of first keys, all of the same length, each of which comes before the next one.
struct Stretches {
	std::uint64_t least;
	int shift;
	bool are_many; ///< else all have the same first key

	explicit Stretches(std::span<IndexEntry const> entries)
	{
		std::int64_t from = entries[0].key[0], to = from;
		for (IndexEntry const &entry : entries) {
			from = std::min(from, entry.key[0]);
			to = std::max(to, entry.key[0]);
		}
		least = static_cast<std::uint64_t>(from);
		are_many = from < to;
		shift = std::max(0, static_cast<int>(std::bit_width(static_cast<std::uint64_t>(to) - least)) - kBits);
	}
	std::size_t of(IndexEntry const &entry) const
	{
		return (static_cast<std::uint64_t>(entry.key[0]) - least) >> shift;
	}
};

} // namespace

void sort_entries(std::span<IndexEntry> entries)
{
	std::optional<Stretches> some;
	if (entries.size() >= kWorthwhile)
		some.emplace(entries);
	if (!some || !some->are_many) {
		std::sort(entries.begin(), entries.end());
		return;
	}
	Stretches const stretches = *some;
	std::array<std::size_t, kBuckets> ends{}, next{};
	for (IndexEntry const &entry : entries)
		ends[stretches.of(entry)]++;
	for (std::size_t i = 1; i < kBuckets; i++) {
		next[i] = ends[i - 1];
		ends[i] += ends[i - 1];
	}
	// each entry goes to its stretch, and the one that was there to its own, until one comes that belongs where the first one was
	for (std::size_t i = 0; i < kBuckets; i++) {
		while (next[i] < ends[i]) {
			IndexEntry entry = entries[next[i]];
			for (std::size_t home = stretches.of(entry); home != i; home = stretches.of(entry))
				std::swap(entry, entries[next[home]++]);
			entries[next[i]++] = entry;
		}
	}
	std::size_t begin = 0;
	for (std::size_t end : ends) {
		sort_entries(entries.subspan(begin, end - begin));
		begin = end;
	}
}

} // namespace vero::pg
