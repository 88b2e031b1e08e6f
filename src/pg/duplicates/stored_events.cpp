// Finds the stored events that events of a file are equal to.
#include "pg/duplicates/stored_events.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/timestamp.hpp"
#include "pg/sql/spread_table.hpp"

extern "C" {
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_am_d.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
}

namespace vero::pg {
namespace {

constexpr std::size_t kFew = 4;				  // stored events of one contact and time
constexpr std::size_t kMany = 64 << 10;		  // entries in memory: 2 MB
constexpr std::size_t kInterruptEvery = 1000; // keys
constexpr char const *kPartitionedBy = "occurred_at";

// Marks of a stored event's entry, in its `nulls`.
constexpr std::uint16_t kHasNoImport = 1;
constexpr std::uint16_t kIsUnseen = 2;

bool is_of_same_time(EventKey const &a, EventKey const &b)
{
	return a.key[0] == b.key[0] && a.key[1] == b.key[1];
}

std::string_view view_of(text *name)
{
	return {VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)};
}

void demand_seen(bool is_seen)
{
	if (!is_seen)
		throw Report{ERRCODE_T_R_SERIALIZATION_FAILURE, "could not serialize access due to concurrent update", "", ""};
}

/// To be called in call().
bool are_equal(Jsonb *a, Jsonb *b)
{
	return (VARSIZE(a) == VARSIZE(b) && memcmp(a, b, VARSIZE(a)) == 0) ||
		   compareJsonbContainers(&a->root, &b->root) == 0;
}

} // namespace

StoredEvents::StoredEvents(Catalog const &catalog, EventHash const &hash) : catalog_(catalog), hash_(hash), many_(kMany)
{
	call([this] {
		Relation table = table_open(catalog_.events, AccessShareLock);
		is_plain_ = has_routes(table, kPartitionedBy) ? !is_spread(table) : table->rd_rel->relkind == RELKIND_RELATION;
		table_close(table, NoLock);
		if (is_plain_)
			routes_ = find_routes(catalog_.events, kPartitionedBy);
		CommandCounterIncrement(); // for what was stored before
		snapshot_ = RegisterSnapshot(GetLatestSnapshot());
		memory_ = AllocSetContextCreate(CurrentMemoryContext, "vero_events duplicates", ALLOCSET_DEFAULT_SIZES);
	});
	leaves_.resize(std::max(routes_.count, 1));
	few_.reserve(kFew + 1);
	rows_.reserve(kRowsAtOnce);
}

/// The partition for that time, positioned as it was; null where there is none.
EventLeaf *StoredEvents::leaf_for(TimestampTz occurred_at)
{
	int place = routes_.find(occurred_at);
	if (place == Routes::kNone)
		return nullptr;
	EventLeaf &leaf = leaves_[place];
	call([&] {
		if (last_leaf_ != nullptr && last_leaf_ != &leaf)
			last_leaf_->let_go();
		last_leaf_ = &leaf;
		if (!leaf.is_open())
			leaf.open(routes_.count > 0 ? routes_.partitions[place] : catalog_.events, snapshot_);
	});
	return &leaf;
}

void StoredEvents::find(std::span<EventKey const> keys, SortedEntries &twins)
{
	selected_.clear();
	while (!keys.empty()) {
		auto end =
			std::find_if(keys.begin(), keys.end(), [&](EventKey const &key) { return !is_of_same_time(key, keys[0]); });
		Group const group = keys.first(static_cast<std::size_t>(end - keys.begin()));
		keys = keys.subspan(group.size());
		if (keys.size() % kInterruptEvery == 0)
			check_for_interrupts();
		EventLeaf *leaf = is_plain_ ? leaf_for(group[0].key[1]) : nullptr;
		bool is_loaded = loaded_ && is_of_same_time(*loaded_, group[0]); // as far as the last call came
		if (!is_loaded && (!is_plain_ || (leaf != nullptr && !leaf->is_readable()))) {
			selected_.push_back(group);
			continue;
		}
		if (!is_loaded && leaf != nullptr)
			load(*leaf, group[0]);
		if (leaf == nullptr && is_plain_)
			continue;
		if (leaf != nullptr && !are_many_) {
			pair(group, *leaf, twins);
		} else {
			match(group, twins);
		}
	}
	if (!selected_.empty())
		select(twins);
}

void StoredEvents::begin_rows(EventKey const &key)
{
	loaded_ = key;
	are_many_ = false;
	few_.clear();
	many_.clear();
}

void StoredEvents::load(EventLeaf &leaf, EventKey const &key)
{
	begin_rows(key);
	call([&] {
		ItemPointerData row;
		while (few_.size() <= kFew && leaf.next(key.key[0], key.key[1], row))
			few_.push_back(row); // has room
	});
	if (few_.size() > kFew)
		load_all(leaf);
}

void StoredEvents::load_all(EventLeaf &leaf)
{
	are_many_ = true;
	bool are_more = true;
	while (are_more) {
		check_for_interrupts();
		rows_.clear();
		call([&] {
			auto fetch = [&](ItemPointerData const &row) {
				if (std::optional<StoredRow> stored = leaf.fetch(row))
					rows_.push_back(make_entry(*stored)); // has room
			};
			std::for_each(few_.begin(), few_.end(), fetch);
			few_.clear();
			ItemPointerData row;
			while (rows_.size() < kRowsAtOnce && (are_more = leaf.next(loaded_->key[0], loaded_->key[1], row)))
				fetch(row);
		});
		for (IndexEntry const &row : rows_)
			add_or_fail(many_, row);
	}
	many_.sort();
}

/// To be called in call().
IndexEntry StoredEvents::make_entry(StoredRow const &row) const
{
	MemoryContext before = MemoryContextSwitchTo(memory_);
	std::uint64_t hash = hash_.of(view_of(DatumGetTextPP(row.name)), DatumGetJsonbP(row.properties));
	MemoryContextSwitchTo(before);
	MemoryContextReset(memory_);
	auto marks = static_cast<std::uint16_t>((row.import_id ? 0 : kHasNoImport) | (row.is_seen ? 0 : kIsUnseen));
	return {{static_cast<std::int64_t>(hash), row.id, row.import_id.value_or(0)}, {}, marks};
}

/// Each key with each of the few rows: values are compared when they are at hand.
void StoredEvents::pair(Group group, EventLeaf const &leaf, SortedEntries &twins) const
{
	for (EventKey const &key : group) {
		for (ItemPointerData const &row : few_) {
			Twin twin = make_twin(line_of(key), TwinKind::row, &leaf - leaves_.data());
			twin.place = row;
			add_or_fail(twins, twin);
		}
	}
}

/// Both are in the order of their hashes.
void StoredEvents::match(Group group, SortedEntries &twins)
{
	for (EventKey const &key : group) {
		IndexEntry const *row = many_.peek();
		for (; row != nullptr && row->key[0] < key.key[2]; row = many_.peek())
			many_.next();
		if (row == nullptr || row->key[0] != key.key[2])
			continue;
		demand_seen((row->nulls & kIsUnseen) == 0);
		TwinKind kind = (row->nulls & kHasNoImport) != 0 ? TwinKind::event : TwinKind::event_of_import;
		add_or_fail(twins, make_twin(line_of(key), kind, row->key[1], row->key[2]));
	}
}

void StoredEvents::end_search()
{
	loaded_.reset();
	many_.clear();
	call([this] {
		if (last_leaf_ != nullptr)
			last_leaf_->let_go();
	});
}

std::optional<Twin> StoredEvents::compare(Twin const &row, std::int64_t contact_id, Event &event)
{
	EventLeaf &leaf = leaves_[static_cast<std::size_t>(row.key[1])];
	std::optional<StoredRow> stored;
	bool equals = false;
	call([&] {
		if (last_leaf_ != &leaf)
			last_leaf_->let_go();
		last_leaf_ = &leaf;
		stored = leaf.fetch(row.place);
		equals = stored && stored->contact_id == contact_id &&
				 stored->occurred_at == to_timestamptz(event.occurred_at_us) && is_equal(*stored, event);
		MemoryContextReset(memory_);
	});
	if (!equals)
		return std::nullopt;
	demand_seen(stored->is_seen);
	TwinKind kind = stored->import_id ? TwinKind::event_of_import : TwinKind::event;
	return make_twin(static_cast<std::uint64_t>(row.key[0]), kind, stored->id, stored->import_id.value_or(0));
}

/// Whether names and properties are. To be called in call().
bool StoredEvents::is_equal(StoredRow const &stored, Event &event) const
{
	MemoryContext before = MemoryContextSwitchTo(memory_);
	auto *properties = reinterpret_cast<Jsonb *>(DatumGetPointer(as_varlena(event.properties)));
	bool equals = view_of(DatumGetTextPP(stored.name)) == event.name.view() &&
				  are_equal(DatumGetJsonbP(stored.properties), properties);
	MemoryContextSwitchTo(before);
	return equals;
}

void StoredEvents::close()
{
	call([this] {
		for (EventLeaf &leaf : leaves_)
			leaf.close();
		UnregisterSnapshot(snapshot_);
		MemoryContextDelete(memory_);
	});
}

} // namespace vero::pg
