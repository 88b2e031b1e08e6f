// Makes tuples of rows.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "access/htup.h"
#include "access/tupdesc.h"
}

namespace vero::pg {

/// Memory for tuples that are made and forgotten together, time and again: what was once touched is used again. It holds one piece, as much as they took together the last time, and
/// at most kMost; what is beyond is palloced, and goes with the memory context that was the current one.
class TupleMemory {
public:
	/// The piece is palloced, too. To be called in call(), as what follows.
	void open(MemoryContext context) { context_ = context; }
	/// Aligned as palloc() does it.
	char *take(std::size_t size);
	/// All that was taken is free again.
	void forget();

private:
	static constexpr std::size_t kMost = 512 * 1024; ///< bytes: a thousand rows of half a kilobyte

	MemoryContext context_ = nullptr;
	char *piece_ = nullptr;
	std::size_t size_ = 0;	///< of the piece
	std::size_t taken_ = 0; ///< in all
};

/// Does what heap_form_tuple() does, for rows of plain values: numbers, and texts that are not compressed. Others are left to that. Where only numbers and times are other ones than in the
/// row before, its tuple is copied and they are put into their places: rows of jobs are so.
class RowFormer {
public:
	/// For rows of that shape, which stays; `columns` are those that they have values for, in order, and the others are null.
	void open(TupleDesc shape, std::span<AttrNumber const> columns);
	/// In `memory`, where tuples stay until it forgets them, or in the current memory context. What a row refers to stays as it is until forget(). To be called in call().
	HeapTuple form(Datum const *values, char const *nulls, TupleMemory &memory);
	/// Has the processor fetch what such a row refers to, which is soon to be formed.
	void fetch(Datum const *values) const
	{
		for (std::size_t i : referring_)
			__builtin_prefetch(DatumGetPointer(values[i]));
	}
	/// The next row is like none before it. To be called before the tuples' memory goes, or what they are made of.
	void forget() { last_ = nullptr; }

private:
	/// One of the columns, as its values stand in a tuple.
	struct Field {
		std::size_t place; ///< in a row
		AttrNumber number;
		std::size_t size; ///< 0: of a varlena, each its own
		std::size_t alignment;
		bool may_be_short; ///< with a header of one byte
	};

	bool is_like_last(Datum const *values, char const *nulls) const;
	HeapTuple form_like_last(Datum const *values, TupleMemory &memory);
	void find_places();
	bool measure(Datum const *values, char const *nulls);
	HeapTuple form_anew(Datum const *values, char const *nulls, TupleMemory &memory) const;
	HeapTuple leave_to_postgres(Datum const *values, char const *nulls);

	TupleDesc shape_ = nullptr;
	std::vector<AttrNumber> columns_;
	std::vector<Field> fields_;			 ///< the columns in the order of their numbers
	bool are_plain_ = true;				 ///< each of them is a Field
	std::vector<std::size_t> referring_; ///< columns whose values are pointers
	std::vector<std::size_t> plain_;	 ///< the others
	std::vector<std::size_t> places_;	 ///< of these in last_: where in its data they stand; none where they are null
	std::size_t size_ = 0;				 ///< of the data of the row in hand
	bool has_nulls_ = false;			 ///< as has it
	std::vector<Datum> values_;			 ///< a whole row's
	std::unique_ptr<bool[]> nulls_;
	HeapTuple last_ = nullptr;
	Datum const *last_values_ = nullptr;
	char const *last_nulls_ = nullptr;
	bool has_places_ = false;
};

} // namespace vero::pg
