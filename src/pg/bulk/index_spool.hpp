// Gathers index entries of rows written in bulk and inserts them in key order.
#pragma once

#include "pg/base/postgres.hpp"
#include "pg/bulk/block_ranges.hpp"
#include "pg/bulk/entry_runs.hpp"
#include "pg/bulk/leaf_inserter.hpp"
#include "pg/bulk/wal_ahead.hpp"

extern "C" {
#include "access/genam.h"
#include "executor/tuptable.h"
#include "nodes/execnodes.h"
#include "storage/itemptr.h"
#include "utils/relcache.h"
}

namespace vero::pg {

/// True where it has no expressions, and a predicate only of PostgreSQL's own functions. To be called in call().
bool is_harmless_index(Relation index);

/// True where its expressions and its predicate call only PostgreSQL's own functions. To be called in call().
bool has_harmless_code(Relation index);

/// True where an IndexSpool can serve it: a B-tree, ascending, or a BRIN on one to three columns that are compared as 8-byte integers
/// (bigint, timestamptz); no expressions, and a predicate only of PostgreSQL's own functions. To be called in call().
bool is_spoolable(Relation table, Relation index);

/// A row's values, in the order of its writer's columns.
struct RowValues {
	Datum const *values;
	char const *nulls; ///< as Rows has them
};

/// The entries of one index. Those of a B-tree are inserted in key order, page by page, all of them at the end: what does not fit
/// into memory waits in temporary files.
class IndexSpool {
public:
	/// `columns` are those that rows have values for; the others are null. To be called in call(). Takes the lock that INSERT takes.
	IndexSpool(Relation table, Oid index, std::span<AttrNumber const> columns);
	/// About as many entries, of 32 bytes, may come to be held at once.
	void expect(std::size_t entries) { expected_ = entries; }

	/// Takes note of a row that stands in the table at slot->tts_tid. To be called in call(), with room (see reserve()).
	void add(RowValues const &row, TupleTableSlot *slot);
	/// Makes room for `rows` more, whose values stay where they are until the next call. May throw std::bad_alloc, so it is not to be
	/// called in call().
	void reserve(std::size_t rows);
	/// After so many rows, or fewer, it asks for a look at the table, which is quickest then.
	std::size_t rows_left() const { return ranges_ ? ranges_->rows_left() : std::numeric_limits<std::size_t>::max(); }
	/// How many entries are in memory.
	std::size_t held() const { return entries_.size(); }
	/// True where all that came so far, but perhaps the last rows, came in the index's order.
	bool is_in_order() const { return is_btree_ && runs_.is_empty() && are_in_order_; }
	/// So many were in the memory that it has.
	std::size_t touched() const { return std::max(touched_, entries_.size()); }
	/// Has entries written, or spilled, and gives their memory back where it does not keep it. Throws Error.
	void make_room(bool keeps_memory);
	/// Inserts all entries. Throws Error.
	void flush();
	/// Closes what it has open. To be called in call().
	void close();

private:
	/// Of one of the table's columns: where in a row its value is; none where it is null.
	struct Column {
		std::size_t place = 0;
		bool is_given = false;

		bool is_null(RowValues const &row) const { return !is_given || row.nulls[place] == 'n'; }
		Datum value(RowValues const &row) const { return is_null(row) ? 0 : row.values[place]; }
	};

	Column find_column(AttrNumber attribute, std::span<AttrNumber const> columns) const;
	void prepare_predicate(std::span<AttrNumber const> columns);
	bool is_like_last(RowValues const &row) const;
	bool is_indexed(RowValues const &row, TupleTableSlot *slot);
	void order_last();
	void sort();
	bool is_last_known() const;
	void forget_entries(bool keeps_memory);
	void write_all();
	void insert(IndexEntry const &entry);
	void insert_in_order(std::span<IndexEntry const> entries);
	std::size_t make_tuples(std::span<IndexEntry const> entries);

	std::size_t expected_ = 0;
	Relation table_;
	Relation index_;
	IndexInfo *info_;
	bool is_btree_;
	std::optional<BlockRanges> ranges_; ///< of a BRIN
	int columns_;
	std::array<Column, 3> keys_;
	EState *executor_ = nullptr; ///< of a partial index
	ExprState *predicate_ = nullptr;
	std::array<Column, 4> asked_; ///< that the predicate is about, as far as they have room
	std::size_t asked_count_ = 0; ///< more than there is room for: nothing is known of the last row
	std::optional<RowValues> last_row_;
	bool is_last_indexed_ = false;
	std::vector<IndexEntry> entries_;
	std::size_t touched_ = 0;
	std::size_t ordered_ = 0;  ///< so many of them were put into order
	bool are_in_order_ = true; ///< what came at a time never belonged before what had come earlier
	EntryRuns runs_;
	LeafInserter leaf_inserter_;
	WalAhead wal_;
	struct Tuple {
		IndexTupleData head;
		std::array<std::int64_t, 3> key;
	};
	std::vector<Tuple> tuples_; ///< of the entries that are being inserted
	std::vector<IndexTuple> tuple_pointers_;
};

} // namespace vero::pg
