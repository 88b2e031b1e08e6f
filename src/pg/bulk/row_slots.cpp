// Slots for the rows that go into a table at once.
#include "pg/bulk/row_slots.hpp"

#include "pg/base/boundary.hpp"

namespace vero::pg {
namespace {

/// A row is formed of the same values in the same way.
bool have_same_layout(TupleDesc one, TupleDesc other)
{
	if (one->natts != other->natts)
		return false;
	for (int i = 0; i < one->natts; i++) {
		Form_pg_attribute a = TupleDescAttr(one, i), b = TupleDescAttr(other, i);
		if (a->atttypid != b->atttypid || a->attisdropped != b->attisdropped || a->attlen != b->attlen ||
			a->attalign != b->attalign || a->attstorage != b->attstorage)
			return false;
	}
	return true;
}

} // namespace

void RowSlots::open(Relation table)
{
	memory_ = CurrentMemoryContext;
	shape_ = CreateTupleDescCopy(RelationGetDescr(table));
}

void RowSlots::turn_to(Relation table)
{
	if (have_same_layout(shape_, RelationGetDescr(table)))
		return;
	call([&] {
		close();
		MemoryContext before = MemoryContextSwitchTo(memory_);
		open(table);
		MemoryContextSwitchTo(before);
	});
	slots_.clear();
}

void RowSlots::make(std::size_t count)
{
	std::size_t had = slots_.size();
	if (count <= had)
		return;
	slots_.resize(count);
	call([&] {
		MemoryContext before = MemoryContextSwitchTo(memory_);
		for (std::size_t i = had; i < count; i++)
			slots_[i] = MakeSingleTupleTableSlot(shape_, &TTSOpsHeapTuple);
		MemoryContextSwitchTo(before);
	});
}

/// A slot makes a copy of what is not its own when it is inserted.
void RowSlots::lend(std::size_t i, HeapTuple tuple)
{
	ExecStoreHeapTuple(tuple, slots_[i], false);
	slots_[i]->tts_flags |= TTS_FLAG_SHOULDFREE;
}

void RowSlots::clear(std::size_t count)
{
	for (std::size_t i = 0; i < count; i++) {
		slots_[i]->tts_flags &= ~TTS_FLAG_SHOULDFREE;
		ExecClearTuple(slots_[i]);
	}
}

void RowSlots::close()
{
	for (TupleTableSlot *slot : slots_)
		ExecDropSingleTupleTableSlot(slot);
	FreeTupleDesc(shape_);
}

} // namespace vero::pg
