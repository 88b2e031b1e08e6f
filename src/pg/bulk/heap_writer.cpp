// Writes rows straight into a heap table, as COPY does.
#include "pg/bulk/table_writer.hpp"

#include "pg/base/boundary.hpp"
#include "pg/bulk/each_index.hpp"
#include "pg/bulk/index_spool.hpp"
#include "pg/bulk/other_indexes.hpp"
#include "pg/bulk/row_former.hpp"
#include "pg/bulk/row_slots.hpp"
#include "pg/bulk/wal_ahead.hpp"

#include <numeric>

extern "C" {
#include "access/hio.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

namespace vero::pg {
namespace {

constexpr std::size_t kRowsAtOnce = 1000; // as COPY's MAX_BUFFERED_TUPLES

class HeapWriter : public TableWriter {
public:
	HeapWriter(TargetTable const &table, Relation relation, bool has_spoolable_indexes);
	~HeapWriter() override = default;
	std::size_t write(Rows const &rows) override;
	void limit_spooled(std::size_t entries) override;
	void finish() override;

private:
	List *open_other_indexes();
	void insert(Rows const &rows, std::size_t from, std::size_t count);
	std::size_t held() const;
	void make_room();

	Relation relation_;
	std::vector<AttrNumber> attributes_; ///< of the columns that rows have
	RowSlots slots_;					 ///< as many as one insertion needed so far
	RowFormer former_;
	std::vector<IndexSpool> spools_;
	std::size_t max_held_ = 0; ///< entries, in all spools together
	OtherIndexes other_indexes_;
	BulkInsertState bulk_state_;
	WalAhead wal_;
	MemoryContext memory_; ///< of the rows that are inserted at once
};

HeapWriter::HeapWriter(TargetTable const &table, Relation relation, bool has_spoolable_indexes) : relation_(relation)
{
	attributes_.resize(table.columns.size());
	List *spooled = call([&] {
		for (std::size_t i = 0; i < table.columns.size(); i++)
			attributes_[i] = get_attnum(table.relation, table.columns[i]);
		slots_.open(relation_);
		former_.open(slots_.shape(), attributes_);
		bulk_state_ = GetBulkInsertState();
		memory_ = AllocSetContextCreate(CurrentMemoryContext, "vero_events rows", ALLOCSET_DEFAULT_SIZES);
		return has_spoolable_indexes ? RelationGetIndexList(relation_) : open_other_indexes();
	});
	spools_.reserve(list_length(spooled));
	for (int i = 0; i < list_length(spooled); i++) {
		Oid index = list_nth_oid(spooled, i);
		spools_.push_back(call([&] { return IndexSpool(relation_, index, attributes_); }));
	}
	limit_spooled(table.max_spooled);
}

/// The rest, which are to be spooled.
List *HeapWriter::open_other_indexes()
{
	List *spooled = NIL, *others = NIL;
	each_index(relation_, [&](Relation index) {
		List *&kind = is_spoolable(relation_, index) ? spooled : others;
		kind = lappend_oid(kind, RelationGetRelid(index));
	});
	other_indexes_.open(relation_, others);
	return spooled;
}

void HeapWriter::limit_spooled(std::size_t entries)
{
	max_held_ = entries;
	for (IndexSpool &spool : spools_)
		spool.hold_at_most(entries);
}

std::size_t HeapWriter::held() const
{
	return std::accumulate(spools_.begin(), spools_.end(), std::size_t{0},
						   [](std::size_t sum, IndexSpool const &spool) { return sum + spool.held(); });
}

/// Indexes get as many entries as their predicates take, so the room is nobody's own. What comes in its index's order gains nothing by waiting, and goes
/// first; where that frees little, the fullest one goes, too.
void HeapWriter::make_room()
{
	if (spools_.empty() || held() < max_held_)
		return;
	for (IndexSpool &spool : spools_) {
		if (spool.is_in_order())
			spool.make_room();
	}
	if (held() >= max_held_ / 4 * 3) {
		std::max_element(spools_.begin(), spools_.end(), [](IndexSpool const &a, IndexSpool const &b) {
			return a.held() < b.held();
		})->make_room();
	}
}

void HeapWriter::insert(Rows const &rows, std::size_t from, std::size_t count)
{
	former_.forget();
	for (std::size_t i = 0; i < count; i++) {
		std::size_t at = (from + i) * attributes_.size();
		ExecStoreHeapTuple(former_.form(rows.values.data() + at, rows.nulls.data() + at), slots_[i], true);
	}
	table_multi_insert(relation_, slots_.data(), static_cast<int>(count), GetCurrentCommandId(true), 0, bulk_state_);
	for (std::size_t i = 0; i < count; i++) {
		std::size_t at = (from + i) * attributes_.size();
		for (IndexSpool &spool : spools_)
			spool.add({rows.values.data() + at, rows.nulls.data() + at}, slots_[i]);
	}
	other_indexes_.add(slots_.data(), count);
	for (std::size_t i = 0; i < count; i++)
		ExecClearTuple(slots_[i]);
}

std::size_t HeapWriter::write(Rows const &rows)
{
	slots_.make(std::min(kRowsAtOnce, rows.count));
	for (IndexSpool &spool : spools_)
		spool.reserve(rows.count);
	call([&] {
		MemoryContext before = MemoryContextSwitchTo(memory_);
		for (std::size_t from = 0; from < rows.count; from += kRowsAtOnce) {
			CHECK_FOR_INTERRUPTS();
			insert(rows, from, std::min(kRowsAtOnce, rows.count - from));
			MemoryContextReset(memory_);
			wal_.note();
		}
		MemoryContextSwitchTo(before);
	});
	make_room();
	return rows.count;
}

void HeapWriter::finish()
{
	for (IndexSpool &spool : spools_)
		spool.flush();
	call([this] {
		for (IndexSpool &spool : spools_)
			spool.close();
		other_indexes_.close();
		slots_.close();
		FreeBulkInsertState(bulk_state_);
		table_finish_bulk_insert(relation_, 0);
		MemoryContextDelete(memory_);
		table_close(relation_, NoLock);
	});
}

} // namespace

std::unique_ptr<TableWriter> open_heap_writer(TargetTable const &table, Relation relation, bool has_spoolable_indexes)
{
	return std::make_unique<HeapWriter>(table, relation, has_spoolable_indexes);
}

} // namespace vero::pg
