// Creates contacts in bulk, straight into the heap.
#pragma once

#include "core/intake/batch.hpp"
#include "pg/bulk/heap_pages.hpp"
#include "pg/bulk/leaf_inserter.hpp"
#include "pg/bulk/row_former.hpp"
#include "pg/bulk/row_slots.hpp"
#include "pg/contacts/contact_finder.hpp"
#include "pg/sql/catalog.hpp"

extern "C" {
#include "access/heapam.h"
#include "nodes/execnodes.h"
}

namespace vero::pg {

/// What INSERT INTO vero.contacts ... ON CONFLICT DO NOTHING does, for many at a time and without looking twice into each index. Serves a plain
/// vero.contacts only, see can_serve(). A conflict comes from somebody else who creates the same contact, or has done so a moment ago.
class ContactCreator {
public:
	/// True where one can serve. To be called in call().
	static bool serves(Catalog const &catalog);

	ContactCreator(Catalog const &catalog, std::int64_t import_id);
	ContactCreator(ContactCreator const &) = delete;
	ContactCreator &operator=(ContactCreator const &) = delete;

	/// A plain heap table with no index but its two, on which nothing is to happen row by row.
	bool can_serve() const { return relation_ != nullptr; }
	/// The finder, for contacts that are there already. To be called only where it can serve.
	ContactFinder &finder() { return *finder_; }
	/// Creates contacts for `emails`, which are in order and differ, and gives their ids; 0 where there is one already, or may be
	/// once another transaction has ended. Throws Error.
	void create(std::span<StoredBytes const> emails, std::span<std::int64_t> ids);
	/// Holds no page between two calls of create(): where a subtransaction begins or ends. To be called in call().
	void let_go() { ReleaseBulkInsertStatePin(bulk_state_); }
	/// To be called once, last. Throws Error.
	void finish();

private:
	struct Index {
		Relation relation;
		IndexInfo *info;
		bool is_by_email;
		LeafInserter leaf_inserter;
		std::vector<IndexTuple> tuples; ///< of the rows of one create(), in order
	};

	void open(Oid table);
	HeapTuple form(StoredBytes email, std::int64_t id);
	void insert(std::span<StoredBytes const> emails, std::span<std::int64_t> ids, std::size_t from);
	bool insert_index_entry(Index &index, IndexTuple tuple);
	void insert_index_entries(Index &index, std::span<std::int64_t> ids, bool are_in_order);

	Relation relation_ = nullptr;
	std::optional<ContactFinder> finder_;
	Datum import_id_;
	Datum properties_; ///< an empty object, which every new contact has
	Oid sequence_;
	HeapPages pages_;
	RowFormer former_;
	TupleMemory tuples_;
	RowSlots slots_; ///< as many as one insertion needed so far
	std::vector<Index> indexes_;
	std::vector<ItemPointerData> conflicts_; ///< rows to be taken back
	BulkInsertState bulk_state_;
	MemoryContext memory_; ///< emptied for each create()
};

} // namespace vero::pg
