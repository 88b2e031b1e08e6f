// Puts rows into the pages of a table.
#pragma once

#include "pg/bulk/new_pages.hpp"

extern "C" {
#include "access/heapam.h"
#include "executor/tuptable.h"
}

namespace vero::pg {

/// Puts rows into a table as table_multi_insert() does, but page by page, so that the next page is there when PostgreSQL would look for one. All is to be called in call().
class HeapPages {
public:
	/// Inserts the rows. `behind`: so many come after them.
	void insert(Relation table, std::span<TupleTableSlot *> rows, std::size_t behind, BulkInsertState state);
	/// Nothing is inserted any more.
	void close(Relation table) { pages_.give_back_to_table(table); }

private:
	std::size_t count_next(Relation table, std::span<TupleTableSlot *const> rows, std::size_t behind,
						   BulkInsertState state);

	NewPages pages_;
};

} // namespace vero::pg
