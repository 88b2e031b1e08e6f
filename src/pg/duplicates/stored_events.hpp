// Finds the stored events that events of a file are equal to.
#pragma once

#include "core/intake/batch.hpp"
#include "pg/bulk/routes.hpp"
#include "pg/duplicates/event_hash.hpp"
#include "pg/duplicates/event_leaf.hpp"
#include "pg/duplicates/event_twin.hpp"
#include "pg/sql/catalog.hpp"
#include "pg/sql/statement.hpp"

namespace vero::pg {

/// Looks through the primary key of the partition that takes the event's time, or by SELECT where that is no plain table with such an index. Finds what is
/// committed by then, whatever the transaction's isolation level, and what the transaction itself has stored; by SELECT what a statement of the transaction sees.
/// Whose the events are, and who may see them, is no matter: only that there is one is told. Needs an SpiConnection.
class StoredEvents {
public:
	/// Keys have hashes of `hash`, which outlives this. Throws Error.
	StoredEvents(Catalog const &catalog, EventHash const &hash);
	StoredEvents(StoredEvents const &) = delete;
	StoredEvents &operator=(StoredEvents const &) = delete;

	/// Adds the twins of these keys, which are in order, and behind those of the call before. Throws Error, Report: 40001 where one is an event that the transaction's
	/// snapshot cannot see.
	void find(std::span<EventKey const> keys, SortedEntries &twins);
	/// No more are looked for. Throws Error.
	void end_search();
	/// What a `row` turns out to be where it is equal to the event in the file; nothing where it is not. Throws Error, Report likewise.
	std::optional<Twin> compare(Twin const &row, std::int64_t contact_id, Event &event);
	/// To be called once, last. Throws Error.
	void close();

private:
	static constexpr std::size_t kRowsAtOnce = 1000;

	/// Keys of one contact and time.
	using Group = std::span<EventKey const>;

	EventLeaf *leaf_for(TimestampTz occurred_at);
	void load(EventLeaf &leaf, EventKey const &key);
	void load_all(EventLeaf &leaf);
	void begin_rows(EventKey const &key);
	IndexEntry make_entry(StoredRow const &row) const;
	void pair(Group group, EventLeaf const &leaf, SortedEntries &twins) const;
	void match(Group group, SortedEntries &twins);
	void select(SortedEntries &twins);
	template <class Events> void fetch_selected(Events const &events, std::span<std::size_t> places);
	void end_selected(std::optional<std::size_t> place, SortedEntries &twins);
	bool is_equal(StoredRow const &stored, Event &event) const;

	Catalog catalog_;
	EventHash const &hash_;
	Routes routes_;
	bool is_plain_ = true; ///< else all is read by SELECT
	Snapshot snapshot_ = nullptr;
	std::vector<EventLeaf> leaves_;
	EventLeaf *last_leaf_ = nullptr; ///< the one that is positioned
	std::vector<Group> selected_;	 ///< that SELECT is to look for
	Prepared select_;

	// of one contact and time, stored events
	std::optional<EventKey> loaded_;
	bool are_many_ = false;
	std::vector<ItemPointerData> few_; ///< their rows
	std::vector<IndexEntry> rows_;	   ///< the last ones that were read
	SortedEntries many_;			   ///< all of them: hash, id and import
	MemoryContext memory_ = nullptr;   ///< emptied for each event
};

} // namespace vero::pg
