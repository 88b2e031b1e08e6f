// Creates contacts in bulk, straight into the heap.
#include "pg/contacts/contact_creator.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/compat.hpp"
#include "pg/base/datum.hpp"
#include "pg/bulk/default_family.hpp"
#include "pg/bulk/ids.hpp"
#include "pg/bulk/table_writer.hpp"

#include <cstring>
#include <functional>

extern "C" {
#include "access/genam.h"
#include "access/hio.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/index.h"
#include "catalog/pg_am_d.h"
#include "catalog/pg_collation_d.h"
#include "catalog/pg_type_d.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

constexpr std::size_t kRowsAtOnce = 1000;

// The columns of vero.contacts, in order.
enum ContactColumn { kId, kEmail, kProperties, kUnsubscribedAt, kCreatedAt, kCreatedByImport, kColumns };

constexpr std::array<char const *, kColumns> kColumnNames{
	"id", "email", "properties", "unsubscribed_at", "created_at", "created_by_import"};
// The numbers of those in which a new contact has something.
constexpr std::array<AttrNumber, 5> kFormedColumns{kId + 1, kEmail + 1, kProperties + 1, kCreatedAt + 1,
												   kCreatedByImport + 1};
// The columns that a contact is created with; all others have their defaults.
constexpr std::array<char const *, 3> kGivenColumns{"id", "email", "created_by_import"};

bool has_own_columns(TupleDesc columns)
{
	if (columns->natts != kColumns)
		return false;
	for (int i = 0; i < kColumns; i++) {
		if (strcmp(NameStr(TupleDescAttr(columns, i)->attname), kColumnNames[i]) != 0)
			return false;
	}
	return true;
}

/// The primary key, and the one that keeps addresses unique.
bool is_own_index(Relation index)
{
	Form_pg_index form = index->rd_index;
	AttrNumber column = form->indkey.values[0];
	Oid type = column == kId + 1 ? INT8OID : TEXTOID;
	// in the order of ids as numbers, of addresses as bytes
	bool is_in_order = index->rd_indoption[0] == 0 && index->rd_opfamily[0] == default_family(type, BTREE_AM_OID) &&
					   (column == kId + 1 || index->rd_indcollation[0] == C_COLLATION_OID);
	return index->rd_rel->relam == BTREE_AM_OID && form->indnatts == 1 && form->indisunique && form->indimmediate &&
		   form->indisready && form->indisvalid && (column == kId + 1 || column == kEmail + 1) && is_in_order &&
		   heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, nullptr);
}

IndexTuple make_tuple(std::size_t size, unsigned flags)
{
	auto *tuple = static_cast<IndexTuple>(palloc0(size));
	tuple->t_info = static_cast<unsigned short>(size | flags);
	return tuple;
}

// What index_form_tuple() makes of the two kinds of keys, without asking which kind they are.

IndexTuple make_id_tuple(std::int64_t id)
{
	IndexTuple tuple = make_tuple(sizeof(IndexTupleData) + sizeof id, 0);
	std::memcpy(tuple + 1, &id, sizeof id);
	return tuple;
}

IndexTuple make_email_tuple(Relation index, StoredBytes email)
{
	Datum key = as_varlena(email);
	if (!VARATT_CAN_MAKE_SHORT(DatumGetPointer(key))) {
		bool is_null = false;
		return index_form_tuple(RelationGetDescr(index), &key, &is_null);
	}
	IndexTuple tuple = make_tuple(MAXALIGN(sizeof(IndexTupleData) + VARHDRSZ_SHORT + email.size), INDEX_VAR_MASK);
	auto *value = reinterpret_cast<char *>(tuple + 1);
	SET_VARSIZE_SHORT(value, VARHDRSZ_SHORT + email.size);
	std::memcpy(VARDATA_SHORT(value), email.start, email.size);
	return tuple;
}

/// The sequence of ids of a table that has no columns and indexes but its own; InvalidOid of any other.
Oid look_up_sequence(Relation table)
{
	List *indexes = RelationGetIndexList(table);
	bool is_own = has_own_columns(RelationGetDescr(table)) && list_length(indexes) == 2;
	for (int i = 0; is_own && i < 2; i++) {
		Relation index = index_open(list_nth_oid(indexes, i), RowExclusiveLock);
		is_own = is_own_index(index);
		index_close(index, NoLock);
	}
	Oid sequence = is_own ? compat::identity_sequence(RelationGetRelid(table), kId + 1) : InvalidOid;
	return OidIsValid(sequence) && is_own_relation(sequence) ? sequence : InvalidOid;
}

constinit Remembered<Oid> sequences;

/// InvalidOid where contacts cannot be created in bulk.
Oid find_sequence(Relation table)
{
	Oid relation = RelationGetRelid(table);
	TargetTable target{kOwnContacts, relation, kGivenColumns, 0, table->rd_rel->relowner};
	return is_plain_table(target, table) ? sequences.of(relation, [table] { return look_up_sequence(table); })
										 : InvalidOid;
}

} // namespace

bool ContactCreator::serves(Catalog const &catalog)
{
	Relation relation = table_open(catalog.contacts, RowExclusiveLock);
	bool serves = OidIsValid(find_sequence(relation));
	table_close(relation, NoLock);
	return serves;
}

ContactCreator::ContactCreator(Catalog const &catalog, std::int64_t import_id) : import_id_(Int64GetDatum(import_id))
{
	indexes_.reserve(2);
	call([&] { open(catalog.contacts); });
}

/// To be called in call().
void ContactCreator::open(Oid table)
{
	Relation relation = table_open(table, RowExclusiveLock);
	sequence_ = find_sequence(relation);
	if (!OidIsValid(sequence_)) {
		table_close(relation, NoLock);
		return;
	}
	relation_ = relation;
	ListCell *cell;
	foreach (cell, RelationGetIndexList(relation)) {
		Relation index = index_open(lfirst_oid(cell), RowExclusiveLock);
		bool const is_by_email = index->rd_index->indkey.values[0] == kEmail + 1;
		KeyForm const form = is_by_email ? KeyForm::bytes : KeyForm::integers;
		indexes_.push_back({index,
							BuildIndexInfo(index),
							is_by_email,
							LeafInserter(relation, index, form, Splits::of_neighbours),
							{}});
	}
	finder_.emplace(relation, indexes_[indexes_[0].is_by_email ? 0 : 1].relation);
	properties_ = DirectFunctionCall1(jsonb_in, CStringGetDatum("{}"));
	slots_.open(relation);
	former_.open(CreateTupleDescCopy(RelationGetDescr(relation)), kFormedColumns);
	tuples_.open(CurrentMemoryContext);
	bulk_state_ = GetBulkInsertState();
	memory_ = AllocSetContextCreate(CurrentMemoryContext, "vero_events contacts", ALLOCSET_DEFAULT_SIZES);
}

HeapTuple ContactCreator::form(StoredBytes email, std::int64_t id)
{
	// in the order of kFormedColumns
	std::array<Datum, kFormedColumns.size()> const values{Int64GetDatum(id), as_varlena(email), properties_,
														  TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()),
														  import_id_};
	std::array<char, kFormedColumns.size()> nulls;
	nulls.fill(' ');
	HeapTuple tuple = former_.form(values.data(), nulls.data(), tuples_);
	former_.forget();
	return tuple;
}

/// False where the address has a row already, committed or not.
bool ContactCreator::insert_index_entry(Index &index, IndexTuple tuple)
{
	bool is_null;
	Datum key = index_getattr(tuple, 1, RelationGetDescr(index.relation), &is_null);
	// a conflict of addresses is told, not raised, and nobody is waited for
	IndexUniqueCheck check = index.is_by_email ? UNIQUE_CHECK_PARTIAL : UNIQUE_CHECK_YES;
	return index_insert(index.relation, &key, &is_null, &tuple->t_tid, relation_, check, false, index.info) ||
		   !index.is_by_email;
}

void ContactCreator::insert_index_entries(Index &index, std::span<std::int64_t> ids, bool are_in_order)
{
	for (std::size_t done = 0; done < index.tuples.size();) {
		std::span<IndexTuple const> tuples = std::span(index.tuples).subspan(done);
		std::size_t count = are_in_order ? index.leaf_inserter.insert_some(tuples) : 0;
		if (count == 0 && !insert_index_entry(index, tuples[0])) {
			ids[done] = 0;
			conflicts_.push_back(tuples[0]->t_tid);
		}
		done += std::max(count, std::size_t{1});
	}
}

/// Those of `emails` from `from` on, as many as are inserted at once.
void ContactCreator::insert(std::span<StoredBytes const> emails, std::span<std::int64_t> ids, std::size_t from)
{
	std::size_t count = std::min(kRowsAtOnce, emails.size() - from);
	for (std::size_t i = 0; i < count; i++)
		slots_.lend(i, form(emails[from + i], ids[from + i]));
	pages_.insert(relation_, {slots_.data(), count}, emails.size() - from - count, bulk_state_);
	for (std::size_t i = 0; i < count; i++) {
		for (Index &index : indexes_) {
			std::size_t rank = from + i;
			IndexTuple tuple =
				index.is_by_email ? make_email_tuple(index.relation, emails[rank]) : make_id_tuple(ids[rank]);
			tuple->t_tid = slots_[i]->tts_tid;
			index.tuples[rank] = tuple;
		}
	}
	slots_.clear(count);
	tuples_.forget();
}

void ContactCreator::create(std::span<StoredBytes const> emails, std::span<std::int64_t> ids)
{
	conflicts_.clear();
	conflicts_.reserve(emails.size());
	for (Index &index : indexes_)
		index.tuples.resize(emails.size());
	slots_.make(std::min(kRowsAtOnce, emails.size()));
	call([&] {
		MemoryContext before = MemoryContextSwitchTo(memory_);
		draw_ids(sequence_, ids);
		for (std::size_t from = 0; from < emails.size(); from += kRowsAtOnce) {
			CHECK_FOR_INTERRUPTS();
			insert(emails, ids, from);
		}
		// the sequence may be one that descends
		bool ascends = std::adjacent_find(ids.begin(), ids.end(), std::greater_equal<>()) == ids.end();
		for (Index &index : indexes_)
			insert_index_entries(index, ids, index.is_by_email || ascends);
		if (!conflicts_.empty())
			CommandCounterIncrement();
		for (ItemPointerData &conflict : conflicts_)
			simple_heap_delete(relation_, &conflict);
		MemoryContextSwitchTo(before);
		MemoryContextReset(memory_);
	});
}

void ContactCreator::finish()
{
	call([this] {
		finder_->close();
		for (Index &index : indexes_) {
			index.leaf_inserter.close();
			index_close(index.relation, NoLock);
		}
		pages_.close(relation_);
		slots_.close();
		FreeBulkInsertState(bulk_state_);
		MemoryContextDelete(memory_);
		table_close(relation_, NoLock);
	});
}

} // namespace vero::pg
