// Finds stored events by SELECT, where an index does not lead to them.
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/duplicates/stored_events.hpp"

namespace vero::pg {
namespace {

constexpr Statement kSelect{
	R"(
	SELECT k.place, s.id, s.import_id, s.name, s.properties
	FROM unnest($1, $2, $3) AS k (place, contact_id, occurred_at)
	JOIN vero.events AS s ON s.contact_id = k.contact_id AND s.occurred_at = k.occurred_at
	ORDER BY k.place)",
	{INT4ARRAYOID, INT8ARRAYOID, TIMESTAMPTZARRAYOID},
	{{"place", INT4OID}, {"id", INT8OID}, {"import_id", INT8OID}, {"name", TEXTOID}, {"properties", JSONBOID}}};

} // namespace

/// To be called in call(), as the owner.
template <class Events> void StoredEvents::fetch_selected(Events const &events, std::span<std::size_t> places)
{
	auto rows = events.fetch(static_cast<long>(kRowsAtOnce));
	for (std::size_t i = 0; i < rows.count(); i++) {
		places[i] = static_cast<std::size_t>(rows[i].int4("place"));
		constexpr bool kIsSeen = true; // by what it was read by
		rows_.push_back(make_entry({rows[i].int8("id"), 0, 0, rows[i].datum("name"), rows[i].datum("properties"),
									rows[i].optional_int8("import_id"), kIsSeen})); // has room
	}
	rows.free();
}

void StoredEvents::select(SortedEntries &twins)
{
	std::span<Group const> groups = selected_;
	std::vector<std::size_t> places(kRowsAtOnce); // of the groups that rows_ are for
	MemoryContext arrays = nullptr;
	std::optional<Cursor<kSelect>> events;
	call([&] {
		arrays = AllocSetContextCreate(CurrentMemoryContext, "vero_events keys", ALLOCSET_DEFAULT_SIZES);
		MemoryContext before = MemoryContextSwitchTo(arrays);
		auto numbers = int4_array(groups.size(), [](std::size_t i) { return static_cast<int>(i); });
		auto contacts = int8_array(groups.size(), [&](std::size_t i) { return groups[i][0].key[0]; });
		auto times = timestamptz_array(groups.size(), [&](std::size_t i) { return groups[i][0].key[1]; });
		MemoryContextSwitchTo(before);
		as_owner(catalog_, [&] {
			events.emplace(select_, Parameters<kSelect>{numbers, contacts, times}, CursorSees::what_was_committed);
		});
	});
	std::optional<std::size_t> place; // of the group whose rows are gathered: they come group by group
	do {
		check_for_interrupts();
		rows_.clear();
		call([&] { as_owner(catalog_, [&] { fetch_selected(*events, std::span(places)); }); });
		for (std::size_t i = 0; i < rows_.size(); i++) {
			if (place != places[i]) {
				end_selected(place, twins);
				place = places[i];
				begin_rows(groups[*place][0]);
				are_many_ = true;
			}
			add_or_fail(many_, rows_[i]);
		}
	} while (!rows_.empty());
	end_selected(place, twins);
	call([&] {
		events->close();
		MemoryContextDelete(arrays);
	});
}

void StoredEvents::end_selected(std::optional<std::size_t> place, SortedEntries &twins)
{
	if (!place)
		return;
	many_.sort();
	match(selected_[*place], twins);
}

} // namespace vero::pg
