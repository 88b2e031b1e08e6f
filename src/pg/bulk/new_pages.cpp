// Adds pages to a table or an index, several at a time.
#include "pg/bulk/new_pages.hpp"

#include "pg/base/compat.hpp"

extern "C" {
#include "storage/freespace.h"
#include "storage/indexfsm.h"
}

namespace vero::pg {
namespace {

/// Whether nobody has filled it. Lets it go.
bool is_left(Buffer buffer)
{
	bool const is_new = PageIsNew(BufferGetPage(buffer));
	if (is_new)
		MarkBufferDirty(buffer); // so that it is on disk before what is said of it
	UnlockReleaseBuffer(buffer);
	return is_new;
}

} // namespace

Buffer NewPages::take(Relation relation, std::size_t wanted, std::size_t room, BufferAccessStrategy strategy)
{
	for (;;) {
		if (next_ == end_) {
			if (wanted < 2 || GetPageWithFreeSpace(relation, room) != InvalidBlockNumber)
				return InvalidBuffer;
			auto const count = static_cast<std::uint32_t>(std::min<std::size_t>(wanted, compat::kMaxExtension));
			next_ = compat::extend(relation, count, strategy, &end_);
			if (next_ == end_)
				return InvalidBuffer;
		}
		Buffer buffer = take_next(relation, strategy);
		if (PageIsNew(BufferGetPage(buffer)))
			return buffer;
		UnlockReleaseBuffer(buffer);
	}
}

/// As it is by now: where a vacuum has told others of it, they may have filled it, and it may have left the buffers since.
Buffer NewPages::take_next(Relation relation, BufferAccessStrategy strategy)
{
	Buffer buffer = ReadBufferExtended(relation, MAIN_FORKNUM, next_++, RBM_NORMAL, strategy);
	LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
	return buffer;
}

void NewPages::give_back_to_table(Relation table)
{
	BlockNumber const first = next_;
	while (next_ != end_) {
		BlockNumber const page = next_;
		if (is_left(take_next(table, nullptr)))
			RecordPageWithFreeSpace(table, page, BLCKSZ - SizeOfPageHeaderData);
	}
	if (first != end_)
		FreeSpaceMapVacuumRange(table, first, end_);
}

void NewPages::give_back_to_index(Relation index)
{
	bool const has_some = next_ != end_;
	while (next_ != end_) {
		BlockNumber const page = next_;
		if (is_left(take_next(index, nullptr)))
			RecordFreeIndexPage(index, page);
	}
	if (has_some)
		IndexFreeSpaceMapVacuum(index);
}

} // namespace vero::pg
