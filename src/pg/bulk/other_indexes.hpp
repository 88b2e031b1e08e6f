// The entries of indexes that somebody has added to a table whose rows are written in bulk.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "nodes/execnodes.h"
#include "utils/relcache.h"
}

namespace vero::pg {

/// Inserts entries row by row, as COPY does, whatever the access method. Of an index that an IndexSpool serves that costs several times as much.
/// All of it is to be called in call().
class OtherIndexes {
public:
	/// True where an entry is made by nothing but PostgreSQL's own functions, and what the index forbids is told at once.
	static bool serves(Relation index);

	/// Takes the lock that INSERT takes. In the current memory context, which has to last until close().
	void open(Relation table, List *indexes);
	/// The rows stand in the table, at the slots' tts_tid. An ERROR of SQLSTATE 23505 or 23P01 where the index forbids one.
	void add(TupleTableSlot **rows, std::size_t count);
	void close();

private:
	EState *executor_ = nullptr; ///< null: there are none
	ResultRelInfo *target_ = nullptr;
};

} // namespace vero::pg
