// Rows of one heap table, written in bulk.
#pragma once

#include "pg/bulk/after_triggers.hpp"
#include "pg/bulk/heap_pages.hpp"
#include "pg/bulk/index_spool.hpp"
#include "pg/bulk/other_indexes.hpp"
#include "pg/bulk/row_former.hpp"
#include "pg/bulk/row_slots.hpp"
#include "pg/bulk/table_writer.hpp"
#include "pg/bulk/wal_ahead.hpp"

namespace vero::pg {

/// What all tables that are written by turns share: memory and pins do not grow with their number.
struct HeapBuffers {
	RowSlots slots; ///< as many as one insertion needed so far
	BulkInsertState state = nullptr;
	Oid last_table = InvalidOid; ///< whose page the state has pinned
	TupleMemory tuples;
	MemoryContext memory = nullptr; ///< emptied for each write
	WalAhead wal;

	/// In the current memory context. To be called in call().
	void open(Relation table);
	/// To be called in call().
	void close();
};

/// COPY's way: multi-insert with bulk-insert state, one WAL record a page (heap_multi_insert). Entries of B-trees are gathered
/// and inserted in key order, those of indexes that an IndexSpool does not serve row by row: none where `has_spoolable_indexes` only.
class HeapTable {
public:
	/// Of the table, which is open, and closed by close(). `columns` are those that rows have. Throws Error.
	HeapTable(Relation table, std::span<char const *const> columns, bool has_spoolable_indexes);

	std::vector<IndexSpool> &spools() { return spools_; }
	/// Writes those of the rows. `triggers`: what fires for them; null: nothing. Throws Error.
	void insert(Rows const &rows, std::span<std::uint32_t const> which, HeapBuffers &buffers,
				AfterTriggers *triggers = nullptr);
	/// Writes all index entries that are held. Throws Error.
	void flush();
	/// To be called in call().
	void close();

private:
	List *open_other_indexes();
	std::size_t rows_at_once() const;
	void insert_some(Rows const &rows, std::span<std::uint32_t const> which, std::size_t behind, HeapBuffers &buffers);

	Relation relation_;
	std::vector<AttrNumber> attributes_; ///< of the columns that rows have
	RowFormer former_;
	HeapPages pages_;
	std::vector<IndexSpool> spools_;
	OtherIndexes other_indexes_;
};

/// Where `most` index entries, of 32 bytes, and more are held in all: what comes in its index's order gains nothing by waiting, and goes first; where that frees
/// little, the fullest spools give their memory back, too. Indexes get as many entries as their predicates and partitions take, so the room is nobody's own. Throws Error.
void make_room(std::span<HeapTable *const> tables, std::size_t most);

} // namespace vero::pg
