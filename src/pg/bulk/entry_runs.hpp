// Sorted runs of index entries in temporary files, and their merge.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "storage/buffile.h"
#include "storage/itemptr.h"
}

namespace vero::pg {

/// An entry of an index on up to three columns that are compared as 8-byte integers.
struct IndexEntry {
	std::array<std::int64_t, 3> key;
	ItemPointerData place;
	std::uint16_t nulls; ///< a bit for each column

	/// The index's order, but for nulls, whose entries are in any order.
	bool operator<(IndexEntry const &other) const
	{
		for (std::size_t i = 0; i < key.size(); i++) { // an array's == would be a call of memcmp
			if (key[i] != other.key[i])
				return key[i] < other.key[i];
		}
		ItemPointerData mine = place, others = other.place;
		return ItemPointerCompare(&mine, &others) < 0;
	}
};

/// Keeps memory flat where there are more entries than fit: they are written to temporary files, sorted, and read again in one order.
class EntryRuns {
public:
	bool is_empty() const { return runs_.empty(); }
	/// True where so many entries more may be spilled: within temp_file_limit, and within reason.
	bool has_room_for(std::size_t entries) const;
	/// Writes a sorted run to a temporary file. Throws Error.
	void spill(std::span<IndexEntry const> run);

	/// Begins to merge what was spilled with `last`, which is sorted too and stays until the end.
	void begin_merge(std::span<IndexEntry const> last);
	/// The next entries in order, as many as there is room for; 0 at the end, when the files are gone. Throws Error.
	std::size_t read(std::span<IndexEntry> into);

private:
	struct Run {
		BufFile *file = nullptr;
		std::size_t left = 0;				 ///< entries in the file that were not read yet
		std::vector<IndexEntry> buffer;		 ///< of what was read last
		std::span<IndexEntry const> ready{}; ///< in the buffer, or in memory
	};

	/// A run that has entries, with the first column of its next one.
	struct Next {
		std::int64_t key;
		std::size_t run;
	};

	bool is_later(Next const &next, Next const &other) const;
	void fill(Run &run);
	void put_back(Next next);
	void close_files();

	MemoryContext memory_ = CurrentMemoryContext; ///< the caller's, which outlives this
	std::vector<Run> runs_;
	std::vector<Next> order_; ///< a heap: the first run has the next entry of all
	std::size_t spilled_ = 0; ///< how many entries are in the files
};

} // namespace vero::pg
