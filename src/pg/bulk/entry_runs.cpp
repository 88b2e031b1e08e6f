// Sorted runs of index entries in temporary files, and their merge.
#include "pg/bulk/entry_runs.hpp"

#include "pg/base/boundary.hpp"

#include <limits>

extern "C" {
#include "utils/guc.h"
}

namespace vero::pg {
namespace {

constexpr std::size_t kMaxSpilled = std::size_t{4} << 30; // bytes
constexpr std::size_t kReadOfRun = 128;					  // entries: half of what a BufFile reads

/// Whether so many may be in files. `limit_kb` is temp_file_limit, of the whole session: others may need some, too. -1: there is none.
constexpr bool may_spill(std::size_t entries, int limit_kb)
{
	std::size_t most = kMaxSpilled;
	if (limit_kb >= 0)
		most = std::min(most, static_cast<std::size_t>(limit_kb) * 1024 / 2);
	return entries * sizeof(IndexEntry) <= most;
}

// As many entries are too many for a test that runs.
static_assert(may_spill(134'217'728, -1) && !may_spill(134'217'729, -1));
static_assert(may_spill(134'217'728, 8 << 20) && !may_spill(134'217'728, (8 << 20) - 1));
static_assert(!may_spill(134'217'729, std::numeric_limits<int>::max()));
static_assert(may_spill(0, 0) && !may_spill(1, 0) && may_spill(16, 1) && !may_spill(17, 1));

} // namespace

bool EntryRuns::has_room_for(std::size_t entries) const
{
	return may_spill(spilled_ + entries, temp_file_limit);
}

void EntryRuns::spill(std::span<IndexEntry const> run)
{
	runs_.emplace_back();
	runs_.back().left = run.size();
	call([&] {
		MemoryContext before = MemoryContextSwitchTo(memory_);
		BufFile *file = BufFileCreateTemp(false);
		MemoryContextSwitchTo(before);
		runs_.back().file = file;
		BufFileWrite(file, const_cast<IndexEntry *>(run.data()), run.size_bytes());
		if (BufFileSeek(file, 0, 0, SEEK_SET) != 0)
			ereport(ERROR, (errcode_for_file_access(), errmsg("could not rewind temporary file of index entries")));
	});
	spilled_ += run.size();
}

void EntryRuns::begin_merge(std::span<IndexEntry const> last)
{
	runs_.emplace_back();
	runs_.back().ready = last;
	order_.clear();
	for (std::size_t i = 0; i < runs_.size(); i++) {
		if (runs_[i].left > 0)
			runs_[i].buffer.resize(kReadOfRun);
		fill(runs_[i]);
		if (!runs_[i].ready.empty())
			order_.push_back({runs_[i].ready.front().key[0], i});
	}
	std::make_heap(order_.begin(), order_.end(), [this](Next const &a, Next const &b) { return is_later(a, b); });
}

std::size_t EntryRuns::read(std::span<IndexEntry> into)
{
	std::size_t count = 0;
	while (count < into.size() && !order_.empty()) {
		Next next = order_.front();
		Run &run = runs_[next.run];
		into[count++] = run.ready.front();
		run.ready = run.ready.subspan(1);
		if (run.ready.empty())
			fill(run);
		if (run.ready.empty()) {
			next = order_.back();
			order_.pop_back();
		} else {
			next.key = run.ready.front().key[0];
		}
		if (!order_.empty())
			put_back(next);
	}
	if (count == 0)
		close_files();
	return count;
}

bool EntryRuns::is_later(Next const &next, Next const &other) const
{
	return next.key != other.key ? other.key < next.key
								 : runs_[other.run].ready.front() < runs_[next.run].ready.front();
}

void EntryRuns::fill(Run &run)
{
	std::size_t count = std::min(run.left, run.buffer.size());
	if (count == 0)
		return;
	call([&] {
		if (BufFileRead(run.file, run.buffer.data(), count * sizeof(IndexEntry)) != count * sizeof(IndexEntry))
			ereport(ERROR, (errcode_for_file_access(), errmsg("could not read from temporary file of index entries")));
	});
	run.left -= count;
	run.ready = std::span<IndexEntry const>(run.buffer).first(count);
}

/// Puts it where it belongs in the heap, whose first place is free. That is mostly far down: the way there is found first, and then how far up it is.
void EntryRuns::put_back(Next next)
{
	std::size_t at = 0;
	for (std::size_t child = 1; child < order_.size(); child = 2 * at + 1) {
		if (child + 1 < order_.size() && is_later(order_[child], order_[child + 1]))
			child++;
		order_[at] = order_[child];
		at = child;
	}
	while (at > 0) {
		std::size_t const parent = (at - 1) / 2;
		if (!is_later(order_[parent], next))
			break;
		order_[at] = order_[parent];
		at = parent;
	}
	order_[at] = next;
}

void EntryRuns::close_files()
{
	call([this] {
		for (Run &run : runs_) {
			if (run.file != nullptr)
				BufFileClose(run.file);
		}
	});
	runs_.clear();
	spilled_ = 0;
}

} // namespace vero::pg
