// Puts many entries at once on a page of a B-tree, where inserting them one by one would put them on it one by one.
#include "pg/bulk/leaf_inserter.hpp"

#include "pg/base/compat.hpp"
#include "pg/bulk/leaf_split.hpp"

#include <cstring>

extern "C" {
#include "access/nbtxlog.h"
#include "access/xloginsert.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/predicate.h"
#include "utils/rel.h"
}

namespace vero::pg {
namespace {

constexpr std::size_t kRecordOverhead = 56; // of the WAL for one entry: headers, and rounding up

/// Of all entries that a page can have.
constexpr std::size_t kPageRoom = BLCKSZ - SizeOfPageHeaderData - MAXALIGN(sizeof(BTPageOpaqueData));
/// So many bytes of new entries for the same page are worth a page of their own.
constexpr std::size_t kSideBySide = kPageRoom / 2;

std::size_t size_on_page(IndexTuple tuple)
{
	return MAXALIGN(IndexTupleSize(tuple));
}

std::size_t size_on_page(std::span<IndexTuple const> tuples)
{
	std::size_t size = 0;
	for (IndexTuple tuple : tuples)
		size += size_on_page(tuple) + sizeof(ItemIdData);
	return size;
}

bool has_same_key(IndexTuple tuple, IndexTuple other)
{
	std::size_t size = IndexTupleSize(tuple);
	return size == IndexTupleSize(other) && std::memcmp(tuple + 1, other + 1, size - sizeof(IndexTupleData)) == 0;
}

/// How many there is room for.
std::size_t count_with_room(Page page, std::span<IndexTuple const> tuples, std::size_t room)
{
	std::size_t count = 0;
	for (; count < tuples.size(); count++) {
		std::size_t size = size_on_page(tuples[count]) + sizeof(ItemIdData);
		if (size > room || size > compat::max_entry_size(page))
			break;
		room -= size;
	}
	return count;
}

/// One image of the page instead of a record for each entry: where the next record would carry an image anyway, and where that is less.
bool is_image_smaller(Buffer buffer, std::span<IndexTuple const> tuples)
{
	auto const *header = reinterpret_cast<PageHeader>(BufferGetPage(buffer));
	std::size_t image = BLCKSZ - (header->pd_upper - header->pd_lower);
	std::size_t records = 0;
	for (IndexTuple tuple : tuples) {
		image += size_on_page(tuple) + sizeof(ItemIdData);
		records += size_on_page(tuple) + kRecordOverhead;
	}
	return image <= records || XLogCheckBufferNeedsBackup(buffer);
}

/// The record that inserting a single entry writes.
void log_tuple(Buffer buffer, IndexTuple tuple, OffsetNumber offset)
{
	xl_btree_insert record{offset};
	XLogBeginInsert();
	XLogRegisterData(reinterpret_cast<char *>(&record), SizeOfBtreeInsert);
	XLogRegisterBuffer(0, buffer, REGBUF_STANDARD);
	XLogRegisterBufData(0, reinterpret_cast<char *>(tuple), static_cast<int>(IndexTupleSize(tuple)));
	XLogRecPtr end = XLogInsert(RM_BTREE_ID, XLOG_BTREE_INSERT_LEAF);
	PageSetLSN(BufferGetPage(buffer), end);
}

} // namespace

std::size_t LeafInserter::insert_some(std::span<IndexTuple const> tuples)
{
	key_ = _bt_mkscankey(index_, tuples[0]);
	std::size_t count = 0;
	if (key_->heapkeyspace) {
		look_for(tuples[0]);
		Buffer buffer;
		BTStack stack = compat::search_leaf(table_, index_, key_, &buffer);
		count = insert_on(buffer, stack, tuples);
		compat::free_stack(stack);
	}
	pfree(key_);
	return count;
}

/// Lets the page go.
std::size_t LeafInserter::insert_on(Buffer buffer, BTStack stack, std::span<IndexTuple const> tuples)
{
	Page page = BufferGetPage(buffer);
	std::span<IndexTuple const> const all = tuples;
	tuples = tuples.first(std::min(tuples.size(), offsets_.size()));
	if (!P_RIGHTMOST(BTPageGetOpaque(page)))
		tuples = tuples.first(count_before(page, P_HIKEY, tuples, 0));
	// the root is split by PostgreSQL
	if (stack != nullptr && may_split(page, tuples))
		return insert_side_by_side(buffer, stack, tuples, all);
	std::size_t count = place(page, tuples, PageGetExactFreeSpace(page));
	if (count > 0)
		write(buffer, tuples.first(count));
	_bt_relbuf(index_, buffer);
	return count;
}

/// True where so many of them go to this page that it may be split for them.
bool LeafInserter::may_split(Page page, std::span<IndexTuple const> tuples)
{
	BTPageOpaque opaque = BTPageGetOpaque(page);
	if (P_HAS_GARBAGE(opaque)) // deleting dead entries may be enough
		return false;
	if (splits_ == Splits::at_end) {
		OffsetNumber last = PageGetMaxOffsetNumber(page);
		if (!P_RIGHTMOST(opaque) || last < P_FIRSTDATAKEY(opaque) || compare(tuples[0], page, last) <= 0)
			return false;
	}
	std::span<IndexTuple const> neighbours = tuples.first(count_with_room(page, tuples, kPageRoom));
	// where keys repeat, PostgreSQL saves room in another way
	return size_on_page(neighbours) >= kSideBySide &&
		   std::adjacent_find(neighbours.begin(), neighbours.end(), has_same_key) == neighbours.end();
}

/// For entries that would fill much of a page: lets it keep as many of them, and of those before them, as it is to have. Lets it go. `all`: with those that belong
/// on other pages.
std::size_t LeafInserter::insert_side_by_side(Buffer buffer, BTStack stack, std::span<IndexTuple const> tuples,
											  std::span<IndexTuple const> all)
{
	Page page = BufferGetPage(buffer);
	std::size_t const new_pages = pages_.has_some() ? 1 : size_on_page(all) / kPageRoom + 1;
	tuples = tuples.first(place(page, tuples, kPageRoom));
	std::size_t count = 0;
	OffsetNumber first_right = keep(page, tuples, count);
	if (first_right > PageGetMaxOffsetNumber(page) && count > 0) {
		count = count_with_room(page, tuples.first(count), PageGetExactFreeSpace(page));
		if (count > 0)
			write(buffer, tuples.first(count));
	} else if (!tuples.empty()) {
		CheckForSerializableConflictIn(index_, nullptr, BufferGetBlockNumber(buffer));
		// the others go to the left page when it is looked at again
		LeafSplit split{tuples[0], offsets_[0], count > 0 ? first_right : offsets_[0], count > 0, new_pages};
		if (split_leaf(table_, index_, key_, buffer, stack, split, pages_))
			return 1;
		count = 0;
	}
	_bt_relbuf(index_, buffer);
	return count;
}

/// Says how many of them the page is to have, and which of its entries is the first one that then belongs to another page.
OffsetNumber LeafInserter::keep(Page page, std::span<IndexTuple const> tuples, std::size_t &count) const
{
	OffsetNumber old = P_FIRSTDATAKEY(BTPageGetOpaque(page)), last = PageGetMaxOffsetNumber(page);
	std::size_t room = kPageRoom - RelationGetTargetPageFreeSpace(index_, BTREE_DEFAULT_FILLFACTOR);
	std::size_t used = size_on_page(tuples.first(std::min<std::size_t>(tuples.size(), 1))); // by a high key
	for (;;) {
		bool is_new = count < tuples.size() && offsets_[count] - count <= old;
		if (!is_new && old > last)
			return old;
		std::size_t size = is_new ? size_on_page(tuples[count]) : MAXALIGN(ItemIdGetLength(PageGetItemId(page, old)));
		used += size + sizeof(ItemIdData);
		if (used > room)
			return old;
		if (is_new) {
			count++;
		} else {
			old++;
		}
	}
}

/// Without its place where keys are unique: any entry with the same key is equal then.
void LeafInserter::look_for(IndexTuple tuple)
{
	for (int i = 0; i < key_->keysz; i++) {
		bool is_null;
		key_->scankeys[i].sk_argument = index_getattr(tuple, i + 1, RelationGetDescr(index_), &is_null);
	}
	key_->scantid = index_->rd_index->indisunique ? nullptr : &tuple->t_tid;
}

/// Finds where on the page they go, up to the first one that is another page's, has no room or an equal there.
std::size_t LeafInserter::place(Page page, std::span<IndexTuple const> tuples, std::size_t room)
{
	BTPageOpaque opaque = BTPageGetOpaque(page);
	if (!P_ISLEAF(opaque) || P_IGNORE(opaque) || P_INCOMPLETE_SPLIT(opaque))
		return 0;
	std::size_t fitting = count_with_room(page, tuples, room);
	OffsetNumber low = P_FIRSTDATAKEY(opaque);
	auto end = static_cast<OffsetNumber>(PageGetMaxOffsetNumber(page) + 1);
	for (std::size_t count = 0; count < fitting;) {
		OffsetNumber before = low;
		if (low < end) {
			low = count == 0 ? find_offset(tuples[count], page, low, end)
							 : find_near_offset(tuples[count], page, low, end);
		}
		if (low == InvalidOffsetNumber)
			return count;
		// two that go to the same place may be some of many
		std::size_t many = low == end ? fitting - count : 1;
		if (low == before && low < end)
			many = count_before(page, low, tuples.subspan(count, fitting - count), 1);
		// behind those that were placed before it
		for (std::size_t i = 0; i < many; i++, count++)
			offsets_[count] = static_cast<OffsetNumber>(low + count);
	}
	return fitting;
}

/// How many of them are less than the one at `offset`; the first `before` are.
std::size_t LeafInserter::count_before(Page page, OffsetNumber offset, std::span<IndexTuple const> tuples,
									   std::size_t before)
{
	for (std::size_t step = 1, end = tuples.size(); before < end;) {
		// as far as it goes by ever larger steps, and then by halves
		std::size_t at = std::min(before + step - 1, (before + end) / 2);
		if (compare(tuples[at], page, offset) < 0) {
			before = at + 1;
			step *= 2;
		} else {
			end = at;
		}
	}
	return before;
}

/// As _bt_compare() does it, which takes longer: it calls functions of the keys' types.
int LeafInserter::compare(IndexTuple tuple, Page page, OffsetNumber offset)
{
	IndexTuple there = tuple_at(page, offset);
	// a high key may lack columns
	if (offset >= P_FIRSTDATAKEY(BTPageGetOpaque(page)) && !IndexTupleHasNulls(there)) {
		if (int const order = compare_keys(tuple, there, form_, index_->rd_index->indnatts); order != 0)
			return order;
	}
	look_for(tuple);
	return _bt_compare(index_, key_, page, offset);
}

/// The first one of [low, end) that is greater than `tuple`; invalid where one is equal.
OffsetNumber LeafInserter::find_offset(IndexTuple tuple, Page page, OffsetNumber low, OffsetNumber end)
{
	while (low < end) {
		auto middle = static_cast<OffsetNumber>(low + (end - low) / 2);
		int order = compare(tuple, page, middle);
		if (order == 0)
			return InvalidOffsetNumber;
		if (order > 0) {
			low = middle + 1;
		} else {
			end = middle;
		}
	}
	return low;
}

/// As find_offset() does, with few comparisons where it is not far behind `low`: there the one before it went.
OffsetNumber LeafInserter::find_near_offset(IndexTuple tuple, Page page, OffsetNumber low, OffsetNumber end)
{
	for (int step = 1; low + step <= end; step *= 2) {
		auto at = static_cast<OffsetNumber>(low + step - 1);
		int order = compare(tuple, page, at);
		if (order == 0)
			return InvalidOffsetNumber;
		if (order < 0)
			return find_offset(tuple, page, low, at);
		low = at + 1;
	}
	return find_offset(tuple, page, low, end);
}

void LeafInserter::write(Buffer buffer, std::span<IndexTuple const> tuples)
{
	CheckForSerializableConflictIn(index_, nullptr, BufferGetBlockNumber(buffer));
	Page page = BufferGetPage(buffer);
	bool is_logged = RelationNeedsWAL(index_);
	bool as_image = is_logged && is_image_smaller(buffer, tuples);
	START_CRIT_SECTION();
	MarkBufferDirty(buffer);
	for (std::size_t i = 0; i < tuples.size(); i++) {
		if (PageAddItem(page, reinterpret_cast<char *>(tuples[i]), size_on_page(tuples[i]), offsets_[i], false,
						false) == InvalidOffsetNumber)
			elog(PANIC, "could not add an entry to a page of index \"%s\"", RelationGetRelationName(index_));
		// one by one with its record: an image in one of them has what that one and those before it added, no more
		if (is_logged && !as_image)
			log_tuple(buffer, tuples[i], offsets_[i]);
	}
	if (as_image)
		log_newpage_buffer(buffer, true);
	END_CRIT_SECTION();
}

} // namespace vero::pg
