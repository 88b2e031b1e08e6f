// Goes through the indexes of a table.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "access/genam.h"
#include "utils/relcache.h"
}

namespace vero::pg {

/// Calls visit(index) for each, which is open and locked as by INSERT meanwhile. To be called in call().
template <class Visit> void each_index(Relation table, Visit const &visit)
{
	List *indexes = RelationGetIndexList(table);
	ListCell *cell;
	foreach (cell, indexes) {
		Relation index = index_open(lfirst_oid(cell), RowExclusiveLock);
		visit(index);
		index_close(index, RowExclusiveLock);
	}
	list_free(indexes);
}

} // namespace vero::pg
