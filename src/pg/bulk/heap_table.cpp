// Rows of one heap table, written in bulk.
#include "pg/bulk/heap_table.hpp"

#include "pg/base/boundary.hpp"
#include "pg/bulk/each_index.hpp"

extern "C" {
#include "access/hio.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

#include <malloc.h>

namespace vero::pg {
namespace {

constexpr std::size_t kLittle = 400'000;  // entries: 12.8 MB
constexpr std::size_t kRowsAtOnce = 1000; // as COPY's MAX_BUFFERED_TUPLES
constexpr std::size_t kAhead = 8;		  // rows: whose values have left the cache since they were read

} // namespace

void HeapBuffers::open(Relation table)
{
	slots.open(table);
	tuples.open(CurrentMemoryContext);
	state = GetBulkInsertState();
	memory = AllocSetContextCreate(CurrentMemoryContext, "vero_events rows", ALLOCSET_DEFAULT_SIZES);
}

void HeapBuffers::close()
{
	slots.close();
	FreeBulkInsertState(state);
	MemoryContextDelete(memory);
}

HeapTable::HeapTable(Relation table, std::span<char const *const> columns, bool has_spoolable_indexes)
	: relation_(table), attributes_(columns.size())
{
	List *spooled = call([&] {
		for (std::size_t i = 0; i < columns.size(); i++)
			attributes_[i] = get_attnum(RelationGetRelid(relation_), columns[i]);
		former_.open(CreateTupleDescCopy(RelationGetDescr(relation_)), attributes_);
		return has_spoolable_indexes ? RelationGetIndexList(relation_) : open_other_indexes();
	});
	spools_.reserve(list_length(spooled));
	for (int i = 0; i < list_length(spooled); i++) {
		Oid index = list_nth_oid(spooled, i);
		spools_.push_back(call([&] { return IndexSpool(relation_, index, attributes_); }));
	}
}

/// The rest, which are to be spooled.
List *HeapTable::open_other_indexes()
{
	List *spooled = NIL, *others = NIL;
	each_index(relation_, [&](Relation index) {
		List *&kind = is_spoolable(relation_, index) ? spooled : others;
		kind = lappend_oid(kind, RelationGetRelid(index));
	});
	other_indexes_.open(relation_, others);
	return spooled;
}

void HeapTable::insert(Rows const &rows, std::span<std::uint32_t const> which, HeapBuffers &buffers,
					   AfterTriggers *triggers)
{
	buffers.slots.turn_to(relation_);
	buffers.slots.make(std::min(kRowsAtOnce, which.size()));
	for (IndexSpool &spool : spools_)
		spool.reserve(which.size());
	call([&] {
		if (buffers.last_table != RelationGetRelid(relation_))
			ReleaseBulkInsertStatePin(buffers.state);
		buffers.last_table = RelationGetRelid(relation_);
		ResultRelInfo *target = triggers != nullptr ? triggers->open(relation_) : nullptr;
		MemoryContext before = MemoryContextSwitchTo(buffers.memory);
		for (auto rest = which; !rest.empty();) {
			CHECK_FOR_INTERRUPTS();
			auto some = rest.first(std::min(rows_at_once(), rest.size()));
			insert_some(rows, some, rest.size() - some.size(), buffers);
			if (target != nullptr)
				triggers->add(target, buffers.slots.data(), some.size());
			buffers.slots.clear(some.size());
			buffers.tuples.forget();
			MemoryContextReset(buffers.memory);
			buffers.wal.note();
			rest = rest.subspan(some.size());
		}
		MemoryContextSwitchTo(before);
	});
}

std::size_t HeapTable::rows_at_once() const
{
	std::size_t rows = kRowsAtOnce;
	for (IndexSpool const &spool : spools_)
		rows = std::min(rows, spool.rows_left());
	return rows;
}

/// The slots have them then. `behind`: so many rows come after them.
void HeapTable::insert_some(Rows const &rows, std::span<std::uint32_t const> which, std::size_t behind,
							HeapBuffers &buffers)
{
	RowSlots &slots = buffers.slots;
	former_.forget();
	for (std::size_t i = 0; i < which.size(); i++) {
		if (i + kAhead < which.size())
			former_.fetch(rows.values.data() + which[i + kAhead] * attributes_.size());
		std::size_t at = which[i] * attributes_.size();
		slots.lend(i, former_.form(rows.values.data() + at, rows.nulls.data() + at, buffers.tuples));
	}
	pages_.insert(relation_, {slots.data(), which.size()}, behind, buffers.state);
	for (std::size_t i = 0; i < which.size(); i++) {
		std::size_t at = which[i] * attributes_.size();
		for (IndexSpool &spool : spools_)
			spool.add({rows.values.data() + at, rows.nulls.data() + at}, slots[i]);
	}
	other_indexes_.add(slots.data(), which.size());
}

void HeapTable::flush()
{
	for (IndexSpool &spool : spools_)
		spool.flush();
}

void HeapTable::close()
{
	for (IndexSpool &spool : spools_)
		spool.close();
	other_indexes_.close();
	pages_.close(relation_);
	table_finish_bulk_insert(relation_, 0);
	table_close(relation_, NoLock);
}

void make_room(std::span<HeapTable *const> tables, std::size_t most)
{
	std::vector<IndexSpool *> spools;
	std::size_t held = 0, touched = 0;
	for (HeapTable *table : tables) {
		for (IndexSpool &spool : table->spools()) {
			spools.push_back(&spool);
			held += spool.held();
			touched += spool.touched();
		}
	}
	if (spools.empty() || held < most)
		return;
	// what was touched is needed again, but what each of many has is more than all of them are to have at a time
	bool const keeps_memory = touched <= std::max(most + most / 8, kLittle);
	auto free = [&](IndexSpool &spool) {
		held -= spool.held();
		spool.make_room(keeps_memory);
	};
	for (IndexSpool *spool : spools) {
		if (spool->is_in_order())
			free(*spool);
	}
	while (held > most / 4 * 3)
		free(**std::max_element(spools.begin(), spools.end(), [](auto *a, auto *b) { return a->held() < b->held(); }));
	if (!keeps_memory)
		malloc_trim(0); // else what others get of it is beside it, where hundreds of partitions take turns
}

} // namespace vero::pg
