// Slots for the rows that go into a table at once.
#include "pg/bulk/row_slots.hpp"

#include "pg/base/boundary.hpp"

namespace vero::pg {

void RowSlots::open(Relation table)
{
	memory_ = CurrentMemoryContext;
	shape_ = CreateTupleDescCopy(RelationGetDescr(table));
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

void RowSlots::close()
{
	for (TupleTableSlot *slot : slots_)
		ExecDropSingleTupleTableSlot(slot);
	FreeTupleDesc(shape_);
}

} // namespace vero::pg
