// Writes events into vero.events.
#include "pg/import/event_writer.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/timestamp.hpp"
#include "pg/bulk/entry_runs.hpp"
#include "pg/bulk/ids.hpp"
#include "pg/bulk/routes.hpp"
#include "pg/contacts/contacts.hpp"
#include "pg/nodes/node_writer.hpp"

#include <limits>

extern "C" {
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

// The contact is locked, the import is this one, the name and the object are the validator's.
constexpr std::array<char const *, 6> kEventColumns{"contact_id", "name",	   "occurred_at",
													"properties", "import_id", "id"};

// The more index entries are sorted at once, the fewer pages are visited twice, and the more contacts are known, the fewer are
// looked up twice: they share this memory.
constexpr std::size_t kMemory = 37 << 20;
constexpr std::size_t kEntrySize = sizeof(IndexEntry);
constexpr std::size_t kLeast = 2 << 20; ///< that is left for entries, whoever else needs some
static_assert(Contacts::bytes_for(BatchLimits().contact_slots()) + 10 * 1024 * 1024 < kMemory,
			  "where as many contacts are known as can be, entries have some memory left");

constexpr std::size_t kAhead = 16; // events: what is asked for so early is there when it is needed

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

constinit Remembered<Oid> event_sequences;

/// The sequence that gives ids where a row may bring its own; InvalidOid where it is not as it was made. To be called in call().
Oid find_sequence(Oid events)
{
	return event_sequences.of(events, [events] { return own_id_sequence(events, Ids::brought); });
}

/// Without the id where the table gives it itself.
std::span<char const *const> columns(bool has_ids)
{
	return std::span(kEventColumns).first(kEventColumns.size() - (has_ids ? 0 : 1));
}

TargetTable target(Catalog const &catalog, Oid sequence)
{
	return {kOwnEvents,			  catalog.events, columns(OidIsValid(sequence)),
			kMemory / kEntrySize, InvalidOid,	  kEventsPartitionedBy};
}

std::unique_ptr<TableWriter> open_writer(Catalog const &catalog, TargetTable const &table)
{
	return catalog.is_distributed ? open_node_writer(table) : open_table_writer(table);
}

} // namespace

bool EventWriter::runs_no_statement(Catalog const &catalog)
{
	return takes_rows_in_bulk(target(catalog, find_sequence(catalog.events)));
}

std::optional<std::vector<TimeRange>> EventWriter::taken_times(Catalog const &catalog)
{
	Routes const routes = call([&] { return find_routes(catalog.events, kEventsPartitionedBy); });
	if (routes.default_place != Routes::kNone)
		return std::nullopt;
	std::vector<TimeRange> times;
	for (int i = 0; i < routes.bound_count; i++) {
		if (routes.places[i + 1] != Routes::kNone) {
			std::int64_t end = i + 1 < routes.bound_count ? routes.bounds[i + 1] : DT_NOEND;
			times.push_back({to_unix_us(routes.bounds[i]), TIMESTAMP_IS_NOEND(end) ? kNever : to_unix_us(end)});
		}
	}
	return times;
}

EventWriter::EventWriter(Catalog const &catalog, std::optional<std::int64_t> import_id)
	: sequence_(call([&] { return find_sequence(catalog.events); })),
	  writer_(open_writer(catalog, target(catalog, sequence_))), import_id_(import_id)
{
}

void EventWriter::begin(std::size_t count)
{
	rows_.clear();
	ids_.resize(OidIsValid(sequence_) ? count : 0);
	call([this] { draw_ids(sequence_, ids_); });
}

void EventWriter::add(EventRow const &event)
{
	bool const has_id = !ids_.empty();
	// in the order of kEventColumns
	std::array<Datum, kEventColumns.size()> const values{
		Int64GetDatum(event.contact_id),		event.name,
		TimestampTzGetDatum(event.occurred_at), event.properties,
		Int64GetDatum(import_id_.value_or(0)),	Int64GetDatum(has_id ? ids_[rows_.count] : 0)};
	std::array<char, kEventColumns.size()> const nulls{' ', ' ', ' ', ' ', import_id_ ? ' ' : 'n', ' '};
	std::size_t const given = columns(has_id).size();
	rows_.add(std::span(values).first(given), std::span(nulls).first(given));
}

void EventWriter::end()
{
	is_whole_ = writer_->write(rows_) == rows_.count;
}

void EventWriter::leave(std::size_t bytes)
{
	writer_->limit_spooled((kMemory - std::min(bytes, kMemory - kLeast)) / kEntrySize);
}

void EventWriter::write(Batch &batch, std::span<std::int64_t const> contact_ids)
{
	begin(batch.events.size());
	for (std::size_t i = 0; i < batch.events.size(); i++) {
		// the ids of a million contacts are in none of the processor's caches, what another thread wrote is in those of its own
		if (i + kAhead < batch.events.size()) {
			Event const &next = batch.events[i + kAhead];
			__builtin_prefetch(&contact_ids[next.contact]);
			__builtin_prefetch(next.properties.start, 1);
		}
		Event &event = batch.events[i];
		add({contact_ids[event.contact], as_varlena(event.name), to_timestamptz(event.occurred_at_us),
			 as_varlena(event.properties)});
	}
	end();
}

void EventWriter::write(EventRow const &event)
{
	begin(1);
	add(event);
	end();
}

std::span<std::int64_t const> EventWriter::ids() const
{
	if (OidIsValid(sequence_) && is_whole_)
		return ids_;
	throw Report{ERRCODE_FEATURE_NOT_SUPPORTED,
				 OidIsValid(sequence_) ? "campaigns cannot be triggered where events are kept out of vero.events"
									   : "campaigns cannot be triggered where vero.events.id is not as it was made",
				 "", ""};
}

} // namespace vero::pg
