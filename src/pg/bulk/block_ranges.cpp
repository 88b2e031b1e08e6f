// Has a BRIN index know the block ranges of a table from the moment the table grows into them.
#include "pg/bulk/block_ranges.hpp"

#include "pg/sql/catalog.hpp"

extern "C" {
#include "access/brin.h"
#include "storage/lmgr.h"
#include "utils/fmgrprotos.h"
#include "utils/rel.h"
}

namespace vero::pg {
namespace {

/// Not with ALTER INDEX's pages_per_range, which a later REINDEX heeds.
BlockNumber pages_per_range(Relation index)
{
	BrinStatsData stats;
	brinGetStats(index, &stats);
	return stats.pagesPerRange;
}

} // namespace

BlockRanges::BlockRanges(Relation index) : pages_(pages_per_range(index)) {}

bool BlockRanges::begins_range(BlockNumber block, OffsetNumber offset) const
{
	if (pages_ < kShort)
		return false;
	// the range of a writer's first row has begun long ago, unless it is the first of all
	return last_ == InvalidBlockNumber ? block % pages_ == 0 && offset == FirstOffsetNumber : !are_alike(block, last_);
}

/// The range of that block, if it is not.
void BlockRanges::summarise(Relation table, Relation index, BlockNumber block)
{
	Oid const table_id = RelationGetRelid(table), index_id = RelationGetRelid(index);
	if (!ConditionalLockRelationOid(table_id, ShareUpdateExclusiveLock))
		return;
	if (ConditionalLockRelationOid(index_id, ShareUpdateExclusiveLock)) {
		UserSwitch caller = UserSwitch::become(index->rd_rel->relowner);
		DirectFunctionCall2(brin_summarize_range, ObjectIdGetDatum(index_id), Int64GetDatum(block));
		caller.undo();
		UnlockRelationOid(index_id, ShareUpdateExclusiveLock);
	}
	UnlockRelationOid(table_id, ShareUpdateExclusiveLock);
}

} // namespace vero::pg
