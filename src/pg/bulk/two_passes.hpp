// The order in which many neighbours go into a B-tree, so that its pages become full.
#pragma once

#include <algorithm>
#include <cstddef>

namespace vero::pg {

/// A page in the midst of a B-tree that is full is split in two halves. Where entries come in order, nothing goes to the left half again:
/// the index has twice the pages, and is split twice as often. So eleven of twenty entries go first, and the others then fill the
/// pages up to nine tenths, which is what PostgreSQL aims at.
class TwoPasses {
public:
	/// Where it does not help, all go in one pass.
	constexpr TwoPasses(std::size_t entries, bool are_two)
		: first_(are_two ? entries / kOf * kFirst + std::min(entries % kOf, kFirst) : entries), are_two_(are_two)
	{
	}

	/// So many entries are in the first pass.
	constexpr std::size_t first() const { return first_; }
	/// The entry of this rank, as the how many-th it is inserted.
	constexpr std::size_t turn_of(std::size_t rank) const
	{
		if (!are_two_)
			return rank;
		std::size_t group = rank / kOf, within = rank % kOf;
		return within < kFirst ? group * kFirst + within : first_ + group * (kOf - kFirst) + within - kFirst;
	}
	/// The other way round.
	constexpr std::size_t rank_of(std::size_t turn) const
	{
		if (!are_two_)
			return turn;
		if (turn < first_)
			return turn / kFirst * kOf + turn % kFirst;
		std::size_t second = turn - first_;
		return second / (kOf - kFirst) * kOf + kFirst + second % (kOf - kFirst);
	}

private:
	static constexpr std::size_t kFirst = 11, kOf = 20;

	std::size_t first_;
	bool are_two_;
};

static_assert(TwoPasses(45, true).first() == 27 && TwoPasses(45, false).first() == 45);
static_assert(TwoPasses(45, true).turn_of(11) == 27 && TwoPasses(45, true).turn_of(20) == 11);
static_assert(TwoPasses(45, true).rank_of(27) == 11 && TwoPasses(45, true).rank_of(44) == 39);

} // namespace vero::pg
