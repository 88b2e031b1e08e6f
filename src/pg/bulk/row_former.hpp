// Makes tuples of rows.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "access/htup.h"
#include "access/tupdesc.h"
}

namespace vero::pg {

/// Where only numbers and times are other ones than in the row before, its tuple is copied and they are put into their places: rows of jobs are so.
class RowFormer {
public:
	/// For rows of that shape, which stays; `columns` are those that they have values for, in order, and the others are null.
	void open(TupleDesc shape, std::span<AttrNumber const> columns);
	/// In the current memory context. What a row refers to stays as it is until forget(), and so does the tuple. To be called in call().
	HeapTuple form(Datum const *values, char const *nulls);
	/// The next row is like none before it. To be called before the tuples' memory goes, or what they are made of.
	void forget() { last_ = nullptr; }

private:
	bool is_like_last(Datum const *values, char const *nulls) const;
	void find_places();

	TupleDesc shape_ = nullptr;
	std::vector<AttrNumber> columns_;
	std::vector<std::size_t> referring_; ///< columns whose values are pointers
	std::vector<std::size_t> plain_;	 ///< the others
	std::vector<std::size_t> places_;	 ///< of these in last_: where in its data they stand; none where they are null
	std::vector<Datum> values_;			 ///< a whole row's
	std::unique_ptr<bool[]> nulls_;
	HeapTuple last_ = nullptr;
	Datum const *last_values_ = nullptr;
	char const *last_nulls_ = nullptr;
	bool has_places_ = false;
};

} // namespace vero::pg
