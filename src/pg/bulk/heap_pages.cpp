// Puts rows into the pages of a table.
#include "pg/bulk/heap_pages.hpp"

#include "pg/base/compat.hpp"

extern "C" {
#include "access/heaptoast.h"
#include "access/hio.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "utils/rel.h"
}

namespace vero::pg {
namespace {

constexpr std::size_t kHeapRoom = BLCKSZ - SizeOfPageHeaderData;

/// About as many bytes as it will have on its page.
std::size_t size_on_page(TupleTableSlot *row)
{
	std::size_t const size = ExecFetchSlotHeapTuple(row, true, nullptr)->t_len;
	return MAXALIGN(size > TOAST_TUPLE_THRESHOLD ? TOAST_TUPLE_TARGET : size);
}

/// How many of the rows PostgreSQL puts on the page.
std::size_t count_fitting(std::span<TupleTableSlot *const> rows, Buffer buffer, std::size_t kept_free)
{
	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	Page page = BufferGetPage(buffer);
	std::size_t room = PageIsNew(page) ? kHeapRoom - sizeof(ItemIdData) : PageGetHeapFreeSpace(page);
	LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
	std::size_t count = 0;
	for (; count < rows.size() && count < MaxHeapTuplesPerPage; count++) {
		std::size_t const size = size_on_page(rows[count]);
		if (size + kept_free > room)
			break;
		room -= std::min(room, size + sizeof(ItemIdData));
	}
	return count;
}

/// As many as they need, up to as many as are added at once. The rows behind them are taken for such as these.
std::size_t count_pages(std::span<TupleTableSlot *const> rows, std::size_t behind, std::size_t kept_free)
{
	std::size_t const room = kHeapRoom - std::min(kept_free, kHeapRoom / 2);
	std::size_t size = 0, count = 0;
	for (; count < rows.size() && size < room * compat::kMaxExtension; count++)
		size += size_on_page(rows[count]) + sizeof(ItemIdData);
	if (count > 0 && count == rows.size())
		size += size / count * behind;
	return (size + room - 1) / room;
}

} // namespace

void HeapPages::insert(Relation table, std::span<TupleTableSlot *> rows, std::size_t behind, BulkInsertState state)
{
	CommandId const command = GetCurrentCommandId(true);
	while (!rows.empty()) {
		std::size_t const count = count_next(table, rows, behind, state);
		table_multi_insert(table, rows.data(), static_cast<int>(count), command, 0, state);
		rows = rows.subspan(count);
	}
}

/// How many of them belong on the page that comes next, which `state` has then; what PostgreSQL puts elsewhere comes one by one.
std::size_t HeapPages::count_next(Relation table, std::span<TupleTableSlot *const> rows, std::size_t behind,
								  BulkInsertState state)
{
	std::size_t const kept_free = RelationGetTargetPageFreeSpace(table, HEAP_DEFAULT_FILLFACTOR);
	if (state->current_buf == InvalidBuffer)
		return 1;
	std::size_t const count = count_fitting(rows, state->current_buf, kept_free);
	if (count > 0)
		return count;
	std::size_t const wanted = pages_.has_some() ? 1 : count_pages(rows, behind, kept_free);
	Buffer page = pages_.take(table, wanted, size_on_page(rows[0]) + kept_free, state->strategy);
	if (page == InvalidBuffer)
		return 1;
	LockBuffer(page, BUFFER_LOCK_UNLOCK);
	ReleaseBuffer(state->current_buf);
	state->current_buf = page;
	return std::max<std::size_t>(count_fitting(rows, page, kept_free), 1);
}

} // namespace vero::pg
