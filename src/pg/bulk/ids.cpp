// Ids for many rows at once.
#include "pg/bulk/ids.hpp"

#include "pg/base/compat.hpp"

#include <numeric>

extern "C" {
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/xact.h"
#include "access/xloginsert.h"
#include "catalog/pg_sequence.h"
#include "commands/sequence.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"
#include "utils/syscache.h"
}

namespace vero::pg {
namespace {

// Fewer may as well come from what the session has cached: the sequence's page is not touched for each small import.
constexpr std::size_t kMany = 1000;

/// The last value that the sequence can give; none where its values do not follow one another up to there.
std::optional<std::int64_t> last_value(Oid sequence)
{
	HeapTuple row = SearchSysCache1(SEQRELID, ObjectIdGetDatum(sequence));
	if (!HeapTupleIsValid(row))
		elog(ERROR, "cache lookup failed for sequence %u", sequence);
	auto const *form = reinterpret_cast<Form_pg_sequence>(GETSTRUCT(row));
	std::optional<std::int64_t> last;
	if (form->seqincrement == 1 && form->seqmin > 0 && !form->seqcycle)
		last = form->seqmax;
	ReleaseSysCache(row);
	return last;
}

/// The record that nextval() writes, but that the sequence stands there as it is, not as it will be some values later.
void log_sequence(Relation sequence, Buffer buffer, HeapTupleHeader row, std::size_t size)
{
	xl_seq_rec record{compat::file_of(sequence)};
	XLogBeginInsert();
	XLogRegisterBuffer(0, buffer, REGBUF_WILL_INIT);
	XLogRegisterData(reinterpret_cast<char *>(&record), sizeof record);
	XLogRegisterData(reinterpret_cast<char *>(row), static_cast<int>(size));
	XLogRecPtr end = XLogInsert(RM_SEQ_ID, XLOG_SEQ_LOG);
	PageSetLSN(BufferGetPage(buffer), end);
}

/// Takes `count` values out of the sequence, whose only row is in the buffer, which is locked; says which is the first.
std::optional<std::int64_t> take(Relation sequence, Buffer buffer, std::int64_t count, std::int64_t last_of_all)
{
	Page page = BufferGetPage(buffer);
	ItemId item = PageGetItemId(page, FirstOffsetNumber);
	auto *row = reinterpret_cast<HeapTupleHeader>(PageGetItem(page, item));
	auto *data = reinterpret_cast<Form_pg_sequence_data>(reinterpret_cast<char *>(row) + row->t_hoff);
	// one that was locked by a very old version is nextval()'s to mend
	if (HeapTupleHeaderGetRawXmax(row) != InvalidTransactionId || data->last_value > last_of_all - count)
		return std::nullopt;
	std::int64_t first = data->last_value + (data->is_called ? 1 : 0);
	START_CRIT_SECTION();
	MarkBufferDirty(buffer);
	data->last_value = first + count - 1;
	data->is_called = true;
	data->log_cnt = 0;
	if (RelationNeedsWAL(sequence))
		log_sequence(sequence, buffer, row, ItemIdGetLength(item));
	END_CRIT_SECTION();
	return first;
}

/// False where they have to come from nextval().
bool draw_at_once(Oid sequence, std::span<std::int64_t> ids)
{
	Relation relation = relation_open(sequence, RowExclusiveLock); // nobody alters it now
	std::optional<std::int64_t> first, last = last_value(sequence);
	if (last) {
		if (RelationNeedsWAL(relation))
			(void)GetTopTransactionId(); // so that its commit waits for the record
		Buffer buffer = ReadBuffer(relation, 0);
		LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
		first = take(relation, buffer, static_cast<std::int64_t>(ids.size()), *last);
		UnlockReleaseBuffer(buffer);
	}
	relation_close(relation, NoLock);
	if (first)
		std::iota(ids.begin(), ids.end(), *first);
	return first.has_value();
}

} // namespace

void draw_ids(Oid sequence, std::span<std::int64_t> ids)
{
	if (ids.size() >= kMany && draw_at_once(sequence, ids))
		return;
	for (std::int64_t &id : ids)
		id = nextval_internal(sequence, false);
}

} // namespace vero::pg
