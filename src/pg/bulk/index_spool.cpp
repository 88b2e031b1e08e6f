// Gathers index entries of rows written in bulk and inserts them in key order.
#include "pg/bulk/index_spool.hpp"

#include "core/intake/batch.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/compat.hpp"
#include "pg/bulk/default_family.hpp"
#include "pg/bulk/entry_sort.hpp"
#include "pg/sql/own_objects.hpp"

extern "C" {
#include "access/htup_details.h"
#include "catalog/index.h"
#include "catalog/pg_am_d.h"
#include "catalog/pg_type_d.h"
#include "executor/executor.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
}

namespace vero::pg {
namespace {

constexpr std::size_t kSlack = 16'384; // entries
static_assert(BatchLimits().records < kSlack, "a batch fits");
constexpr std::size_t kTuplesAtOnce = 2'000; // several pages full
constexpr std::size_t kWorthAFile = 8'192;	 // entries

bool is_integer_key(Relation table, Relation index, int column)
{
	AttrNumber attribute = index->rd_index->indkey.values[column];
	Oid type = attribute > 0 ? TupleDescAttr(RelationGetDescr(table), attribute - 1)->atttypid : InvalidOid;
	Oid family = index->rd_opfamily[column];
	Oid access_method = index->rd_rel->relam;
	return (type == INT8OID || type == TIMESTAMPTZOID) && family == default_family(type, access_method);
}

/// As it is stored: what PostgreSQL gives would be simplified, and its functions run for that.
Node *stored(Relation index, AttrNumber column)
{
	bool is_null;
	Datum nodes = SysCacheGetAttr(INDEXRELID, index->rd_indextuple, column, &is_null);
	return is_null ? nullptr : static_cast<Node *>(stringToNode(TextDatumGetCString(nodes)));
}

} // namespace

bool is_spoolable(Relation table, Relation index)
{
	Form_pg_index form = index->rd_index;
	Oid access_method = index->rd_rel->relam;
	if (!is_harmless_index(index))
		return false;
	if ((access_method != BTREE_AM_OID && access_method != BRIN_AM_OID) || form->indnatts > 3 ||
		form->indnatts != form->indnkeyatts || !form->indimmediate || form->indisexclusion)
		return false;
	for (int i = 0; i < form->indnatts; i++) {
		if ((access_method == BTREE_AM_OID && index->rd_indoption[i] != 0) || !is_integer_key(table, index, i))
			return false;
	}
	return true;
}

bool is_harmless_index(Relation index)
{
	return heap_attisnull(index->rd_indextuple, Anum_pg_index_indexprs, nullptr) && has_harmless_code(index);
}

bool has_harmless_code(Relation index)
{
	return is_harmless(stored(index, Anum_pg_index_indexprs)) && is_harmless(stored(index, Anum_pg_index_indpred));
}

IndexSpool::IndexSpool(Relation table, Oid index, std::span<AttrNumber const> columns)
	: table_(table), index_(index_open(index, RowExclusiveLock)), info_(BuildIndexInfo(index_)),
	  is_btree_(index_->rd_rel->relam == BTREE_AM_OID), columns_(index_->rd_index->indnatts),
	  leaf_inserter_(table_, index_, KeyForm::integers, Splits::at_end)
{
	for (int i = 0; i < columns_; i++)
		keys_[i] = find_column(info_->ii_IndexAttrNumbers[i], columns);
	if (!is_btree_)
		ranges_.emplace(index_);
	if (info_->ii_Predicate != NIL)
		prepare_predicate(columns);
}

IndexSpool::Column IndexSpool::find_column(AttrNumber attribute, std::span<AttrNumber const> columns) const
{
	auto found = std::find(columns.begin(), columns.end(), attribute);
	return {static_cast<std::size_t>(found - columns.begin()), found != columns.end()};
}

void IndexSpool::prepare_predicate(std::span<AttrNumber const> columns)
{
	executor_ = CreateExecutorState();
	predicate_ = ExecPrepareQual(info_->ii_Predicate, executor_);
	Bitmapset *attributes = nullptr;
	pull_varattnos(reinterpret_cast<Node *>(info_->ii_Predicate), 1, &attributes);
	for (int i = -1; (i = bms_next_member(attributes, i)) >= 0; asked_count_++) {
		auto attribute = static_cast<AttrNumber>(i + FirstLowInvalidHeapAttributeNumber);
		if (attribute <= 0) // all of the row, or what only PostgreSQL knows of it
			asked_count_ = asked_.size();
		if (asked_count_ < asked_.size())
			asked_[asked_count_] = find_column(attribute, columns);
	}
}

void IndexSpool::reserve(std::size_t rows)
{
	last_row_.reset();
	if (is_btree_ && are_in_order_)
		order_last();
	if (entries_.capacity() - entries_.size() >= rows)
		return;
	// The first batch may be the only one. For a second one all at once, for batches of any size: what is not used takes no memory,
	// another copy would.
	bool is_first = entries_.capacity() == 0 && runs_.is_empty() && rows <= kSlack;
	entries_.reserve(is_first ? rows : std::max(entries_.size(), expected_) + std::max(rows, kSlack));
}

/// True where the predicate, whose functions give the same for the same, says of this row what it said of the last one. Texts are the same
/// where they are in the same place.
bool IndexSpool::is_like_last(RowValues const &row) const
{
	if (!last_row_ || asked_count_ > asked_.size())
		return false;
	return std::all_of(asked_.begin(), asked_.begin() + asked_count_, [&](Column const &column) {
		return column.is_null(row) == column.is_null(*last_row_) && column.value(row) == column.value(*last_row_);
	});
}

bool IndexSpool::is_indexed(RowValues const &row, TupleTableSlot *slot)
{
	if (predicate_ == nullptr)
		return true;
	if (!is_like_last(row)) {
		ExprContext *context = GetPerTupleExprContext(executor_);
		context->ecxt_scantuple = slot;
		is_last_indexed_ = ExecQual(predicate_, context);
		ResetExprContext(context);
	}
	last_row_ = row;
	return is_last_indexed_;
}

void IndexSpool::add(RowValues const &row, TupleTableSlot *slot)
{
	if (!info_->ii_ReadyForInserts || !is_indexed(row, slot))
		return;
	// it is made where it stays: a copy at once would wait for its parts
	IndexEntry &entry = entries_.emplace_back();
	entry.place = slot->tts_tid;
	for (int i = 0; i < columns_; i++) {
		entry.key[i] = DatumGetInt64(keys_[i].value(row));
		entry.nulls |= keys_[i].is_null(row) ? 1 << i : 0;
	}
	if (ranges_) {
		ranges_->note(table_, index_, entry.place);
		if (is_last_known())
			entries_.pop_back();
	}
}

/// A BRIN summarises ranges of blocks: the same key in the same range, as the last entry but one has it, tells it nothing new.
bool IndexSpool::is_last_known() const
{
	if (entries_.size() < 2)
		return false;
	IndexEntry const &last = entries_.back(), &before = entries_[entries_.size() - 2];
	return before.key == last.key && before.nulls == last.nulls &&
		   ranges_->are_alike(ItemPointerGetBlockNumber(&before.place), ItemPointerGetBlockNumber(&last.place));
}

void IndexSpool::make_room(bool keeps_memory)
{
	if (is_btree_)
		sort();
	// what comes in the index's order can as well go there, and what is little is not worth a file
	bool can_go = runs_.is_empty() && (are_in_order_ || entries_.size() < kWorthAFile);
	if (!is_btree_ || can_go || !runs_.has_room_for(entries_.size())) {
		write_all();
	} else {
		runs_.spill(entries_);
	}
	forget_entries(keeps_memory);
}

void IndexSpool::flush()
{
	write_all();
	forget_entries(false);
}

void IndexSpool::write_all()
{
	if (is_btree_)
		sort();
	std::size_t at_once = runs_.is_empty() ? std::min(entries_.size(), kTuplesAtOnce) : kTuplesAtOnce;
	std::vector<IndexEntry> some(at_once);
	tuples_.resize(at_once);
	tuple_pointers_.resize(at_once);
	runs_.begin_merge(entries_);
	while (std::size_t count = runs_.read(some)) {
		call([&] {
			CHECK_FOR_INTERRUPTS();
			insert_in_order(std::span(some).first(count));
			wal_.note();
		});
	}
	call([this] { compat::clean_up_insertions(index_, info_); });
}

void IndexSpool::forget_entries(bool keeps_memory)
{
	touched_ = keeps_memory ? touched() : 0;
	entries_.clear();
	if (!keeps_memory)
		std::vector<IndexEntry>().swap(entries_);
	std::vector<Tuple>().swap(tuples_);
	std::vector<IndexTuple>().swap(tuple_pointers_);
	ordered_ = 0;
	are_in_order_ = true;
}

/// Puts the entries that came last into order, as long as none of them belongs before those that came earlier.
void IndexSpool::order_last()
{
	auto last = entries_.begin() + static_cast<std::ptrdiff_t>(ordered_);
	if (last != entries_.begin() && last != entries_.end())
		are_in_order_ = !(*std::min_element(last, entries_.end()) < *std::prev(last));
	if (!are_in_order_)
		return;
	if (!std::is_sorted(last, entries_.end()))
		sort_entries({last, entries_.end()});
	ordered_ = entries_.size();
}

void IndexSpool::sort()
{
	if (are_in_order_)
		order_last();
	if (ordered_ < entries_.size())
		sort_entries(entries_);
	ordered_ = entries_.size();
}

void IndexSpool::insert_in_order(std::span<IndexEntry const> entries)
{
	while (!entries.empty()) {
		std::size_t made = is_btree_ ? make_tuples(entries) : 0;
		std::size_t done = 0;
		while (done < made) {
			std::size_t count = leaf_inserter_.insert_some(std::span(tuple_pointers_).subspan(done, made - done));
			if (count == 0)
				insert(entries[done]);
			done += std::max(count, std::size_t{1});
		}
		if (made == 0)
			insert(entries[0]);
		entries = entries.subspan(std::max(made, std::size_t{1}));
	}
}

/// As they stand in the index, up to the first one that LeafInserter cannot take: with a null, or the key of the one before it where
/// keys are unique.
std::size_t IndexSpool::make_tuples(std::span<IndexEntry const> entries)
{
	static_assert(offsetof(Tuple, key) == sizeof(IndexTupleData), "the key follows its head without a gap");
	auto size = static_cast<unsigned short>(sizeof(IndexTupleData) + sizeof(std::int64_t) * columns_);
	bool is_unique = index_->rd_index->indisunique;
	for (std::size_t i = 0; i < entries.size(); i++) {
		IndexEntry const &entry = entries[i];
		if (entry.nulls != 0 || (is_unique && i > 0 && entry.key == entries[i - 1].key))
			return i;
		tuples_[i] = {{entry.place, size}, entry.key};
		tuple_pointers_[i] = &tuples_[i].head;
	}
	return entries.size();
}

void IndexSpool::insert(IndexEntry const &entry)
{
	Datum values[3];
	bool nulls[3];
	for (int i = 0; i < columns_; i++) {
		values[i] = Int64GetDatum(entry.key[i]);
		nulls[i] = (entry.nulls >> i & 1) != 0;
	}
	ItemPointerData place = entry.place;
	bool is_unique = index_->rd_index->indisunique;
	index_insert(index_, values, nulls, &place, table_, is_unique ? UNIQUE_CHECK_YES : UNIQUE_CHECK_NO, false, info_);
}

void IndexSpool::close()
{
	leaf_inserter_.close();
	index_close(index_, RowExclusiveLock); // the table's is kept
	if (executor_ != nullptr)
		FreeExecutorState(executor_);
}

} // namespace vero::pg
