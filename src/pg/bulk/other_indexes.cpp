// The entries of indexes that somebody has added to a table whose rows are written in bulk.
#include "pg/bulk/other_indexes.hpp"

#include "pg/base/compat.hpp"
#include "pg/bulk/index_spool.hpp"

extern "C" {
#include "access/genam.h"
#include "catalog/index.h"
#include "executor/executor.h"
#include "utils/rel.h"
}

namespace vero::pg {

bool OtherIndexes::serves(Relation index)
{
	return index->rd_index->indimmediate && has_harmless_code(index);
}

/// As ExecOpenIndices(), for some of the indexes.
void OtherIndexes::open(Relation table, List *indexes)
{
	int count = list_length(indexes);
	if (count == 0)
		return;
	executor_ = CreateExecutorState();
	MemoryContext before = MemoryContextSwitchTo(executor_->es_query_cxt);
	target_ = makeNode(ResultRelInfo);
	InitResultRelInfo(target_, table, 0, nullptr, 0);
	target_->ri_IndexRelationDescs = static_cast<Relation *>(palloc(count * sizeof(Relation)));
	target_->ri_IndexRelationInfo = static_cast<IndexInfo **>(palloc(count * sizeof(IndexInfo *)));
	for (int i = 0; i < count; i++) {
		target_->ri_IndexRelationDescs[i] = index_open(list_nth_oid(indexes, i), RowExclusiveLock);
		target_->ri_IndexRelationInfo[i] = BuildIndexInfo(target_->ri_IndexRelationDescs[i]);
		target_->ri_NumIndices++;
	}
	MemoryContextSwitchTo(before);
}

void OtherIndexes::add(TupleTableSlot **rows, std::size_t count)
{
	for (std::size_t i = 0; executor_ != nullptr && i < count; i++) {
		CHECK_FOR_INTERRUPTS();
		compat::insert_index_tuples(target_, rows[i], executor_);
		ResetPerTupleExprContext(executor_);
	}
}

void OtherIndexes::close()
{
	if (executor_ == nullptr)
		return;
	ExecCloseIndices(target_);
	FreeExecutorState(executor_);
}

} // namespace vero::pg
