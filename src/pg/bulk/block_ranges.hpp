// Has a BRIN index know the block ranges of a table from the moment the table grows into them.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "storage/itemptr.h"
#include "utils/relcache.h"
}

namespace vero::pg {

/// The block ranges that one writer's rows get into. PostgreSQL summarises a range when the table is vacuumed, and until then whoever asks the index
/// reads all of it. While a range is nearly empty, summarising it costs next to nothing, and later rows keep the summary right by themselves.
class BlockRanges {
public:
	/// Of a BRIN index, which is open. To be called in call().
	explicit BlockRanges(Relation index);

	/// True where rows in these blocks are in the same range.
	bool are_alike(BlockNumber one, BlockNumber other) const { return one == other || one / pages_ == other / pages_; }
	/// Takes note of a row that stands in the table, and summarises its range where that has just begun. Without it goes on where somebody else is
	/// maintaining the table: a vacuum does it at its end. To be called in call().
	void note(Relation table, Relation index, ItemPointerData const &place)
	{
		BlockNumber const block = ItemPointerGetBlockNumberNoCheck(&place);
		if (block == last_)
			return;
		if (begins_range(block, ItemPointerGetOffsetNumberNoCheck(&place)))
			summarise(table, index, block);
		last_ = block;
	}

private:
	bool begins_range(BlockNumber block, OffsetNumber offset) const;
	static void summarise(Relation table, Relation index, BlockNumber block);

	BlockNumber pages_;						///< of a range
	BlockNumber last_ = InvalidBlockNumber; ///< block
};

} // namespace vero::pg
