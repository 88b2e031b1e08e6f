// Index entries of single rows, by what a session keeps of a table's indexes.
#include "pg/bulk/kept_indexes.hpp"

#include "pg/base/compat.hpp"
#include "pg/bulk/each_index.hpp"
#include "pg/sql/catalog.hpp"

extern "C" {
#include "catalog/index.h"
#include "executor/executor.h"
#include "utils/memutils.h"
#include "utils/rel.h"
}

namespace vero::pg {
namespace {

constinit std::array<KeptIndexes, 4> kept{};

} // namespace

KeptIndexes const &KeptIndexes::of(Relation table)
{
	std::uint64_t version = catalog_version();
	auto place = std::find_if(kept.begin(), kept.end(),
							  [table](KeptIndexes const &one) { return one.table_ == RelationGetRelid(table); });
	if (place == kept.end()) {
		std::rotate(kept.begin(), kept.end() - 1, kept.end());
		place = kept.begin();
	} else if (place->version_ == version) {
		return *place;
	}
	if (place->memory_ != nullptr)
		MemoryContextDelete(place->memory_);
	*place = KeptIndexes();
	KeptIndexes made;
	made.make(table);
	made.version_ = version; // what has changed meanwhile is found the next time
	MemoryContextSetParent(made.memory_, CacheMemoryContext);
	*place = made;
	return *place;
}

/// An ERROR leaves nothing behind: until all is there it hangs on what goes with the statement.
void KeptIndexes::make(Relation table)
{
	memory_ = AllocSetContextCreate(CurrentMemoryContext, "vero_events indexes", ALLOCSET_SMALL_SIZES);
	MemoryContext before = MemoryContextSwitchTo(memory_);
	table_ = RelationGetRelid(table);
	slot_ = MakeSingleTupleTableSlot(CreateTupleDescCopy(RelationGetDescr(table)), &TTSOpsVirtual);
	executor_ = CreateExecutorState();
	GetPerTupleExprContext(executor_)->ecxt_scantuple = slot_;
	each_index(table, [this](Relation index) {
		IndexInfo *info = BuildIndexInfo(index);
		info->ii_PredicateState = ExecPrepareQual(info->ii_Predicate, executor_);
		indexes_ = lappend_oid(indexes_, RelationGetRelid(index));
		infos_ = lappend(infos_, info);
	});
	MemoryContextSwitchTo(before);
}

bool KeptIndexes::has_entry(IndexInfo const *info) const
{
	return info->ii_Predicate == NIL || ExecQual(info->ii_PredicateState, GetPerTupleExprContext(executor_));
}

void KeptIndexes::add(Relation table) const
{
	ResetPerTupleExprContext(executor_); // of the row before, which may have failed
	for (int i = 0; i < list_length(indexes_); i++) {
		auto *info = static_cast<IndexInfo *>(list_nth(infos_, i));
		if (!has_entry(info))
			continue;
		Relation index = index_open(list_nth_oid(indexes_, i), RowExclusiveLock);
		if (index->rd_index->indisready) { // whether it is may have changed without a word about the table
			Datum values[INDEX_MAX_KEYS];
			bool nulls[INDEX_MAX_KEYS];
			FormIndexDatum(info, slot_, executor_, values, nulls);
			info->ii_Context = CurrentMemoryContext; // what the access method keeps there goes with the statement
			info->ii_AmCache = nullptr;
			index_insert(index, values, nulls, &slot_->tts_tid, table,
						 index->rd_index->indisunique ? UNIQUE_CHECK_YES : UNIQUE_CHECK_NO, false, info);
			compat::clean_up_insertions(index, info);
		}
		index_close(index, RowExclusiveLock);
	}
}

} // namespace vero::pg
