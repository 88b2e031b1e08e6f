// Has a BRIN index know the block ranges of a table from the moment the table grows into them.
#pragma once

#include "pg/base/postgres.hpp"

#include <limits>

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
		if (block == last_) {
			rows_++;
			return;
		}
		rows_of_block_ = std::exchange(rows_, 1);
		if (begins_range(block, ItemPointerGetOffsetNumberNoCheck(&place)))
			summarise(table, index, block);
		last_ = block;
	}

	/// About so many rows more, and the next range has just begun: then there is least to read of it.
	std::size_t rows_left() const
	{
		return pages_ < kShort || rows_of_block_ == 0 ? std::numeric_limits<std::size_t>::max()
													  : std::max(kFew, (pages_ - last_ % pages_) * rows_of_block_);
	}

private:
	static constexpr BlockNumber kShort = 32; ///< pages: of shorter ranges there are many
	static constexpr std::size_t kFew = 32;	  ///< rows: to insert fewer at once takes longer than to read them again

	bool begins_range(BlockNumber block, OffsetNumber offset) const;
	static void summarise(Relation table, Relation index, BlockNumber block);

	BlockNumber pages_;						///< of a range
	BlockNumber last_ = InvalidBlockNumber; ///< block
	std::size_t rows_ = 0;					///< that came into it
	std::size_t rows_of_block_ = 0;			///< of the one before
};

} // namespace vero::pg
