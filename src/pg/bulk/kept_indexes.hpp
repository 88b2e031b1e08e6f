// Index entries of single rows, by what a session keeps of a table's indexes.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "executor/tuptable.h"
#include "nodes/execnodes.h"
#include "utils/relcache.h"
}

namespace vero::pg {

/// An executor would describe each index anew for each row, open it and lock it, whatever its predicate says of the row.
/// For tables that find_catalog() finds, whose indexes are harmless (is_harmless_index()), immediate and of no exclusion constraint.
/// All of it is to be called in call().
class KeptIndexes {
public:
	/// Those of a table that is open, and locked as INSERT locks it. Good until the next call.
	static KeptIndexes const &of(Relation table);

	/// For a row's values; empty. It is the same one each time.
	TupleTableSlot *slot() const { return slot_; }
	/// The row whose values are in slot() stands in the table at its tts_tid: adds its entries as INSERT does, and takes and gives back the lock of
	/// each index that gets one. An ERROR of SQLSTATE 23505 where the row is not the only one of its key.
	void add(Relation table) const;

private:
	void make(Relation table);
	bool has_entry(IndexInfo const *info) const;

	Oid table_ = InvalidOid;
	std::uint64_t version_ = 0;
	MemoryContext memory_ = nullptr; ///< of all that follows
	TupleTableSlot *slot_ = nullptr;
	EState *executor_ = nullptr; ///< in which predicates are asked
	List *indexes_ = nullptr;	 ///< their OIDs
	List *infos_ = nullptr;		 ///< IndexInfo, in the same order
};

} // namespace vero::pg
