// Slots for the rows that go into a table at once.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "executor/tuptable.h"
#include "utils/rel.h"
}

namespace vero::pg {

/// They hang on no resource owner, which would look for each of them: a table's own description is counted, this is a copy of it.
class RowSlots {
public:
	/// In the current memory context, where the slots will be, too. To be called in call().
	void open(Relation table);
	/// From now on they are for rows of `table`: where its columns lie otherwise, they are made anew. Throws Error.
	void turn_to(Relation table);
	/// Sees to it that there are so many. Throws Error.
	void make(std::size_t count);
	TupleTableSlot *operator[](std::size_t i) const { return slots_[i]; }
	TupleTableSlot **data() { return slots_.data(); }
	/// Puts a tuple into a slot, as it is: it stays where it is until clear(). To be called in call().
	void lend(std::size_t i, HeapTuple tuple);
	/// Empties the first ones, which have what was lent to them. To be called in call().
	void clear(std::size_t count);
	/// To be called in call().
	void close();

private:
	MemoryContext memory_ = nullptr;
	TupleDesc shape_ = nullptr;
	std::vector<TupleTableSlot *> slots_;
};

} // namespace vero::pg
