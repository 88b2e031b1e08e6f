// Puts many entries at once on a page of a B-tree, where inserting them one by one would put them on it one by one.
#pragma once

#include "pg/bulk/leaf_keys.hpp"
#include "pg/bulk/new_pages.hpp"

extern "C" {
#include "access/itup.h"
#include "access/nbtree.h"
#include "utils/relcache.h"
}

namespace vero::pg {

/// Which pages are split for many entries that go there: the index's last one for those behind all others, or any for those that come side by side.
enum class Splits : unsigned char { at_end, of_neighbours };

/// Fills leaf pages of a B-tree. What a page holds afterwards, and when other sessions and recovery see it, is what inserting the entries
/// one after the other gives; only looking for the page, locking it and comparing with its limits is done once for all of them. Whatever is more than
/// adding to a page (equal entries and with them every question of uniqueness, deletion, most splits) is left to index_insert().
///
/// For half a page of entries and more it splits pages itself, behind what fills them as the index's fillfactor says. PostgreSQL looks for the best place first, which
/// takes longer than all else. In the midst of an index that is the page's middle, and nothing goes to the left half again: the index gets twice the pages.
class LeafInserter {
public:
	LeafInserter(Relation table, Relation index, KeyForm form, Splits splits)
		: table_(table), index_(index), form_(form), splits_(splits)
	{
	}

	/// Inserts the first of `tuples` and as many behind it as belong on the same page and find room there; says how many. 0: the
	/// first one needs index_insert(). They are in the index's order and differ, in a unique index by their keys, else at least by their
	/// places; none has a null. To be called in call().
	std::size_t insert_some(std::span<IndexTuple const> tuples);
	/// Nothing is inserted any more. To be called in call().
	void close() { pages_.give_back_to_index(index_); }

private:
	std::size_t insert_on(Buffer buffer, BTStack stack, std::span<IndexTuple const> tuples);
	bool may_split(Page page, std::span<IndexTuple const> tuples);
	std::size_t insert_side_by_side(Buffer buffer, BTStack stack, std::span<IndexTuple const> tuples,
									std::span<IndexTuple const> all);
	OffsetNumber keep(Page page, std::span<IndexTuple const> tuples, std::size_t &count) const;
	void look_for(IndexTuple tuple);
	std::size_t place(Page page, std::span<IndexTuple const> tuples, std::size_t room);
	std::size_t count_before(Page page, OffsetNumber offset, std::span<IndexTuple const> tuples, std::size_t before);
	int compare(IndexTuple tuple, Page page, OffsetNumber offset);
	OffsetNumber find_offset(IndexTuple tuple, Page page, OffsetNumber low, OffsetNumber end);
	OffsetNumber find_near_offset(IndexTuple tuple, Page page, OffsetNumber low, OffsetNumber end);
	void write(Buffer buffer, std::span<IndexTuple const> tuples);

	Relation table_;
	Relation index_;
	KeyForm form_;
	Splits splits_;
	NewPages pages_;
	BTScanInsert key_ = nullptr; ///< for the length of insert_some()
	std::array<OffsetNumber, MaxIndexTuplesPerPage> offsets_;
};

} // namespace vero::pg
