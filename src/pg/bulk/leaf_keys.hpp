// Compares keys of index entries without calling the functions of their types.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "access/itup.h"
#include "storage/bufpage.h"
}

namespace vero::pg {

/// Of a leaf page.
inline IndexTuple tuple_at(Page page, OffsetNumber offset)
{
	return reinterpret_cast<IndexTuple>(PageGetItem(page, PageGetItemId(page, offset)));
}

/// What an index's keys are.
enum class KeyForm : unsigned char {
	integers, ///< columns that are compared as 8-byte integers, ascending
	bytes,	  ///< a text, in the order of its bytes
};

/// Below 0 where the key of `one` comes before that of `other`, above where it comes behind. 0 where they are the same, or where PostgreSQL has to compare them: long
/// texts. Both have all columns, and no nulls.
int compare_keys(IndexTuple one, IndexTuple other, KeyForm form, int columns);

} // namespace vero::pg
