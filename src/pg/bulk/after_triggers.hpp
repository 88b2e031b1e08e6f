// Fires what others want to happen when rows come, for rows that are written in bulk.
#pragma once

#include "pg/bulk/table_writer.hpp"

extern "C" {
#include "commands/trigger.h"
#include "executor/tuptable.h"
}

namespace vero::pg {

/// Triggers for statements on a table that is partitioned, and those of its partitions that fire after rows, foreign keys of others among them: as one INSERT after the other fires
/// them, each of so many rows as are written at once. The extension's own, whose work the writer does, are left out: each would look for its row. All of it is to be called in call().
class AfterTriggers {
public:
	AfterTriggers(TargetTable const &table, Relation root) : table_(table), root_(root) {}

	/// The statement begins.
	void begin();
	/// For rows of a partition, until end(); null where nothing fires for them.
	ResultRelInfo *open(Relation partition);
	/// The rows stand in the partition, at the slots' tts_tid.
	void add(ResultRelInfo *partition, TupleTableSlot **rows, std::size_t count);
	/// Fires what has come together. The rows have their index entries by now.
	void end();

private:
	ResultRelInfo *make_target(Relation relation, ResultRelInfo *root, bool &are_left);

	TargetTable table_;
	Relation root_;
	EState *executor_ = nullptr;
	ResultRelInfo *target_ = nullptr; ///< root_
	TransitionCaptureState *capture_ = nullptr;
};

} // namespace vero::pg
