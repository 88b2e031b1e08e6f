// Index entries that are put in order: in memory while they are few, else with temporary files.
#pragma once

#include "pg/bulk/entry_runs.hpp"

namespace vero::pg {

/// First filled, then read in order, then perhaps filled anew. Its memory does not grow with the entries.
class SortedEntries {
public:
	/// So many are in memory at most, 32 bytes each. Throws nothing.
	explicit SortedEntries(std::size_t most) : most_(most) {}

	/// False where temp_file_limit has no room for it. Throws Error.
	[[nodiscard]] bool add(IndexEntry const &entry);
	/// Reading begins, with the first one.
	void sort();
	/// The next one, until next() is called; null behind the last one. Throws Error.
	IndexEntry const *peek();
	void next() { at_++; }
	/// To be filled anew. Throws Error.
	void clear();

private:
	std::size_t most_;
	std::vector<IndexEntry> entries_;
	EntryRuns runs_;
	bool has_runs_ = false;
	std::vector<IndexEntry> read_;		   ///< of the runs, the last ones
	std::span<IndexEntry const> readable_; ///< in read_, or all of entries_
	std::size_t at_ = 0;				   ///< place of the next one in these
};

} // namespace vero::pg
