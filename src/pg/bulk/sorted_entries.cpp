// Index entries that are put in order: in memory while they are few, else with temporary files.
#include "pg/bulk/sorted_entries.hpp"

#include "pg/bulk/entry_sort.hpp"

namespace vero::pg {
namespace {

constexpr std::size_t kReadOfSorted = 1024; // entries

} // namespace

bool SortedEntries::add(IndexEntry const &entry)
{
	if (entries_.size() == most_) {
		if (!runs_.has_room_for(entries_.size()))
			return false;
		sort_entries(entries_);
		runs_.spill(entries_);
		has_runs_ = true;
		entries_.clear();
	}
	entries_.push_back(entry);
	return true;
}

void SortedEntries::sort()
{
	sort_entries(entries_);
	at_ = 0;
	readable_ = entries_;
	if (has_runs_) {
		runs_.begin_merge(entries_);
		read_.resize(kReadOfSorted);
		readable_ = {};
	}
}

IndexEntry const *SortedEntries::peek()
{
	if (at_ < readable_.size())
		return &readable_[at_];
	if (!has_runs_)
		return nullptr;
	std::size_t count = runs_.read(read_);
	has_runs_ = count > 0; // else the files are gone
	readable_ = std::span<IndexEntry const>(read_).first(count);
	at_ = 0;
	return count > 0 ? &readable_[0] : nullptr;
}

void SortedEntries::clear()
{
	while (has_runs_)
		has_runs_ = runs_.read(read_) > 0;
	entries_.clear();
	readable_ = {};
	at_ = 0;
}

} // namespace vero::pg
