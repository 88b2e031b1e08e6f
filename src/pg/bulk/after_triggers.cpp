// Fires what others want to happen when rows come, for rows that are written in bulk.
#include "pg/bulk/after_triggers.hpp"

extern "C" {
#include "access/xact.h"
#include "executor/executor.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
}

namespace vero::pg {

void AfterTriggers::begin()
{
	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	executor_ = CreateExecutorState();
	bool are_left;
	target_ = make_target(root_, nullptr, are_left);
	MemoryContext before = MemoryContextSwitchTo(executor_->es_query_cxt);
	AfterTriggerBeginQuery();
	ExecBSInsertTriggers(executor_, target_);
	capture_ = MakeTransitionCaptureState(target_->ri_TrigDesc, RelationGetRelid(root_), CMD_INSERT);
	MemoryContextSwitchTo(before);
}

/// Has a copy of the relation's triggers.
ResultRelInfo *AfterTriggers::make_target(Relation relation, ResultRelInfo *root, bool &are_left)
{
	MemoryContext before = MemoryContextSwitchTo(executor_->es_query_cxt);
	auto *target = makeNode(ResultRelInfo);
	InitResultRelInfo(target, relation, 0, root, 0);
	are_left = leave_others_triggers(table_.own, relation, target->ri_TrigDesc, table_.columns);
	MemoryContextSwitchTo(before);
	return target;
}

ResultRelInfo *AfterTriggers::open(Relation partition)
{
	bool are_left;
	ResultRelInfo *target = make_target(partition, target_, are_left);
	return are_left || capture_ != nullptr ? target : nullptr;
}

void AfterTriggers::add(ResultRelInfo *partition, TupleTableSlot **rows, std::size_t count)
{
	MemoryContext before = MemoryContextSwitchTo(executor_->es_query_cxt); // where it keeps what is for all rows
	for (std::size_t i = 0; i < count; i++) {
		ExecARInsertTriggers(executor_, partition, rows[i], NIL, capture_);
		ResetPerTupleExprContext(executor_);
	}
	MemoryContextSwitchTo(before);
}

void AfterTriggers::end()
{
	MemoryContext before = MemoryContextSwitchTo(executor_->es_query_cxt);
	ExecASInsertTriggers(executor_, target_, capture_);
	AfterTriggerEndQuery(executor_);
	MemoryContextSwitchTo(before);
	ExecResetTupleTable(executor_->es_tupleTable, false);
	ExecCloseResultRelations(executor_);
	FreeExecutorState(executor_);
	PopActiveSnapshot();
	CommandCounterIncrement();
}

} // namespace vero::pg
