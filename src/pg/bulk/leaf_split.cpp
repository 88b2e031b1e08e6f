// Splits a leaf page of a B-tree where whoever adds many entries knows best.
#include "pg/bulk/leaf_split.hpp"

#include "pg/base/compat.hpp"
#include "pg/bulk/leaf_keys.hpp"

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

/// The pages as they will be, in memory of their own.
struct Halves {
	Page left, right;
	IndexTuple high_key; ///< of the left one
};

bool append(Page page, IndexTuple tuple)
{
	auto behind = static_cast<OffsetNumber>(PageGetMaxOffsetNumber(page) + 1);
	return PageAddItem(page, reinterpret_cast<char *>(tuple), IndexTupleSize(tuple), behind, false, false) !=
		   InvalidOffsetNumber;
}

/// What separates the pages.
IndexTuple make_high_key(Relation index, BTScanInsert key, Page page, LeafSplit const &split)
{
	bool is_at_split = split.offset == split.first_right;
	IndexTuple last_left =
		is_at_split && split.stays ? split.tuple : tuple_at(page, static_cast<OffsetNumber>(split.first_right - 1));
	IndexTuple first_right = is_at_split && !split.stays ? split.tuple : tuple_at(page, split.first_right);
	return _bt_truncate(index, last_left, first_right, key);
}

Page make_page(Page page)
{
	Page made = PageGetTempPage(page);
	_bt_pageinit(made, PageGetPageSize(page));
	auto const *from = BTPageGetOpaque(page);
	BTPageOpaque opaque = BTPageGetOpaque(made);
	*opaque = *from;
	opaque->btpo_flags &= ~(BTP_ROOT | BTP_SPLIT_END | BTP_HAS_GARBAGE);
	return made;
}

/// False where the entries have no room.
bool fill(Halves &halves, Page page, LeafSplit const &split)
{
	BTPageOpaque opaque = BTPageGetOpaque(page);
	bool has_room =
		append(halves.left, halves.high_key) && (P_RIGHTMOST(opaque) || append(halves.right, tuple_at(page, P_HIKEY)));
	if (has_room && !split.stays)
		has_room = append(halves.right, split.tuple);
	OffsetNumber last = PageGetMaxOffsetNumber(page);
	for (OffsetNumber at = P_FIRSTDATAKEY(opaque); has_room && at <= last; at++) {
		if (split.stays && at == split.offset)
			has_room = append(halves.left, split.tuple);
		has_room = has_room && append(at < split.first_right ? halves.left : halves.right, tuple_at(page, at));
	}
	return has_room;
}

/// The record that PostgreSQL writes. The pages are as they are to be.
void log_split(std::span<Buffer const> buffers, LeafSplit const &split, IndexTuple high_key)
{
	xl_btree_split record{0, split.first_right, split.offset, 0};
	XLogBeginInsert();
	XLogRegisterData(reinterpret_cast<char *>(&record), SizeOfBtreeSplit);
	XLogRegisterBuffer(0, buffers[0], REGBUF_STANDARD);
	XLogRegisterBuffer(1, buffers[1], REGBUF_WILL_INIT);
	if (BufferIsValid(buffers[2]))
		XLogRegisterBuffer(2, buffers[2], REGBUF_STANDARD);
	if (split.stays) {
		XLogRegisterBufData(0, reinterpret_cast<char *>(split.tuple), static_cast<int>(IndexTupleSize(split.tuple)));
	}
	XLogRegisterBufData(0, reinterpret_cast<char *>(high_key), static_cast<int>(IndexTupleSize(high_key)));
	Page right = BufferGetPage(buffers[1]);
	auto const *header = reinterpret_cast<PageHeader>(right);
	XLogRegisterBufData(1, right + header->pd_upper, header->pd_special - header->pd_upper);
	XLogRecPtr end = XLogInsert(RM_BTREE_ID, split.stays ? XLOG_BTREE_SPLIT_L : XLOG_BTREE_SPLIT_R);
	for (Buffer buffer : buffers) {
		if (BufferIsValid(buffer))
			PageSetLSN(BufferGetPage(buffer), end);
	}
}

/// Locks the page behind this one, whose left one is to be the new one; none behind the last one.
Buffer lock_next(Relation index, Buffer left, Buffer right, BTPageOpaque opaque)
{
	if (P_RIGHTMOST(opaque))
		return InvalidBuffer;
	Buffer next = _bt_getbuf(index, opaque->btpo_next, BT_WRITE);
	BTPageOpaque behind = BTPageGetOpaque(BufferGetPage(next));
	if (behind->btpo_prev != BufferGetBlockNumber(left)) {
		memset(BufferGetPage(right), 0, BufferGetPageSize(right)); // for a vacuum to find it
		ereport(ERROR, (errcode(ERRCODE_INDEX_CORRUPTED),
						errmsg_internal(
							"right sibling's left-link doesn't match: block %u links to %u instead of expected %u in "
							"index \"%s\"",
							BufferGetBlockNumber(next), behind->btpo_prev, BufferGetBlockNumber(left),
							RelationGetRelationName(index))));
	}
	if (behind->btpo_cycleid != opaque->btpo_cycleid)
		opaque->btpo_flags |= BTP_SPLIT_END;
	return next;
}

/// Locked for writing.
Buffer find_new_page(Relation table, Relation index, LeafSplit const &split, NewPages &pages)
{
	Buffer buffer = pages.take(index, split.new_pages, BLCKSZ / 2);
	if (buffer == InvalidBuffer)
		return compat::new_page(table, index);
	_bt_pageinit(BufferGetPage(buffer), BufferGetPageSize(buffer));
	return buffer;
}

/// Puts the pages where they belong.
void exchange(Relation table, Relation index, Buffer buffer, Halves const &halves, LeafSplit const &split,
			  NewPages &pages)
{
	Page page = BufferGetPage(buffer);
	Buffer right = find_new_page(table, index, split, pages);
	BTPageOpaque left_opaque = BTPageGetOpaque(halves.left), right_opaque = BTPageGetOpaque(halves.right);
	left_opaque->btpo_flags |= BTP_INCOMPLETE_SPLIT;
	left_opaque->btpo_next = BufferGetBlockNumber(right);
	left_opaque->btpo_cycleid = _bt_vacuum_cycleid(index);
	right_opaque->btpo_prev = BufferGetBlockNumber(buffer);
	right_opaque->btpo_cycleid = left_opaque->btpo_cycleid;
	PageSetLSN(halves.left, PageGetLSN(page));
	Buffer next = lock_next(index, buffer, right, right_opaque);
	START_CRIT_SECTION();
	PageRestoreTempPage(halves.left, page);
	PageRestoreTempPage(halves.right, BufferGetPage(right));
	MarkBufferDirty(buffer);
	MarkBufferDirty(right);
	if (BufferIsValid(next)) {
		BTPageGetOpaque(BufferGetPage(next))->btpo_prev = BufferGetBlockNumber(right);
		MarkBufferDirty(next);
	}
	if (RelationNeedsWAL(index))
		log_split(std::array{buffer, right, next}, split, halves.high_key);
	END_CRIT_SECTION();
	if (BufferIsValid(next))
		_bt_relbuf(index, next);
	PredicateLockPageSplit(index, BufferGetBlockNumber(buffer), BufferGetBlockNumber(right));
	_bt_relbuf(index, right);
}

} // namespace

bool split_leaf(Relation table, Relation index, BTScanInsert key, Buffer buffer, BTStack stack, LeafSplit const &split,
				NewPages &pages)
{
	Page page = BufferGetPage(buffer);
	Halves halves{make_page(page), make_page(page), make_high_key(index, key, page, split)};
	bool has_room = fill(halves, page, split);
	if (has_room) {
		exchange(table, index, buffer, halves, split, pages);
		// the page above learns of the new one as PostgreSQL does it where a split was left half done
		compat::finish_split(table, index, buffer, stack);
	} else {
		pfree(halves.left);
		pfree(halves.right);
	}
	pfree(halves.high_key);
	return has_room;
}

} // namespace vero::pg
