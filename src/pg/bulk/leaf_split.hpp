// Splits a leaf page of a B-tree where whoever adds many entries knows best.
#pragma once

#include "pg/bulk/new_pages.hpp"

extern "C" {
#include "access/itup.h"
#include "access/nbtree.h"
#include "utils/relcache.h"
}

namespace vero::pg {

struct LeafSplit {
	IndexTuple tuple;		  ///< a new entry
	OffsetNumber offset;	  ///< of the entry on the page that it goes before; behind the last one, too
	OffsetNumber first_right; ///< of the first entry that goes to a new page
	bool stays;				  ///< the new one is on the page, else on the new page: there the first one
	std::size_t new_pages;	  ///< about so many are going to be split off, this one among them
};

/// What inserting the entry does where the page is full, but that it is known where to split. `buffer` has the page, locked, which is not the root, and which
/// `stack` leads to, as _bt_search() gave both; `key` compares its entries. False, and nothing is done, where they have no room so; else the buffer is let go.
/// To be called in call().
bool split_leaf(Relation table, Relation index, BTScanInsert key, Buffer buffer, BTStack stack, LeafSplit const &split,
				NewPages &pages);

} // namespace vero::pg
