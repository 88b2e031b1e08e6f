// The forecast of an import: what would become of the jobs that its events would get.
#include "pg/forecast/import_forecast.hpp"

#include "pg/base/datum.hpp"
#include "pg/base/timestamp.hpp"
#include "pg/contacts/contacts.hpp"
#include "pg/sql/statement.hpp"

#include <map>

namespace vero::pg {
namespace {

// Properties come along where they are asked for and so small that those of a batch's contacts take little.
constexpr Statement kKnown{
	R"(
	SELECT r.place, c.is_unsubscribed, c.has_properties, c.size > 4000 AS are_large,
		CASE WHEN $3 AND c.size <= 500 AND c.has_properties THEN c.properties END AS properties
	FROM unnest($1, $2) AS r (place, contact_id)
	CROSS JOIN LATERAL (
		SELECT x.unsubscribed_at IS NOT NULL AS is_unsubscribed, x.properties <> '{}'::jsonb AS has_properties, x.properties,
			CASE WHEN pg_column_compression(x.properties) IS NULL THEN pg_column_size(x.properties) ELSE 1000000000 END AS size
		FROM vero.contacts AS x
		WHERE x.id = r.contact_id
		OFFSET 0) AS c)",
	{INT4ARRAYOID, INT8ARRAYOID, BOOLOID},
	{{"place", INT4OID},
	 {"is_unsubscribed", BOOLOID},
	 {"has_properties", BOOLOID},
	 {"are_large", BOOLOID},
	 {"properties", JSONBOID}}};

/// Of what a forecast remembers of contacts.
constexpr std::size_t kMemory = std::size_t{24} << 20;
constexpr std::size_t kLeast = std::size_t{2} << 20;

constexpr std::size_t kAhead = 16; // events

/// What stands before an address in the file.
struct AddressHead {
	std::int64_t contact_id;
	std::uint64_t size;
};

Jsonb *properties_of(Event const &event)
{
	return reinterpret_cast<Jsonb *>(DatumGetPointer(as_varlena(event.properties)));
}

} // namespace

ImportForecast::ImportForecast(Catalog const &catalog, JobRegistrar const &jobs, TimestampTz now, Certain certain)
	: catalog_(catalog), jobs_(jobs), certain_(certain), forecast_(catalog, jobs.counts(), now, JobOrder::in_file)
{
}

/// Where temp_file_limit has no room for it, it is not shown.
void ImportForecast::keep_address(std::int64_t contact_id, std::string_view email)
{
	AddressHead const head{contact_id, email.size()};
	if (!addresses_.has_room_for(sizeof head + email.size()))
		return;
	addresses_.expect(sizeof head + email.size());
	call([&] {
		addresses_.put(&head, sizeof head);
		addresses_.put(email.data(), email.size());
	});
}

/// Of contacts that were not met before.
void ImportForecast::note_contacts(Batch const &batch, std::span<std::int64_t const> contact_ids)
{
	known_.resize(batch.first_new_contact);
	known_.resize(batch.first_new_contact + batch.new_contacts.size());
	std::vector<std::uint32_t> slots;
	for (std::size_t i = 0; i < batch.new_contacts.size(); i++) {
		auto const slot = static_cast<std::uint32_t>(batch.first_new_contact + i);
		if (contact_ids[slot] < 0) {
			keep_address(contact_ids[slot], batch.new_contacts[i].view());
		} else {
			slots.push_back(slot);
		}
	}
	if (slots.empty())
		return;
	SpiConnection spi;
	auto rows = call([&] {
		return run_kept_as_owner<kKnown, Planned::once>(
			catalog_, {int4_array(slots.size(), [&](std::size_t i) { return static_cast<std::int32_t>(slots[i]); }),
					   int8_array(slots.size(), [&](std::size_t i) { return contact_ids[slots[i]]; }),
					   forecast_.reads_contact_properties()});
	});
	for (std::size_t i = 0; i < rows.count(); i++) {
		auto [slot, properties] = call([&] {
			auto const slot = static_cast<std::size_t>(rows[i].int4("place"));
			known_[slot].is_unsubscribed = rows[i].boolean("is_unsubscribed");
			if (rows[i].boolean("has_properties")) {
				known_[slot].properties =
					rows[i].boolean("are_large") ? ContactProperties::large : ContactProperties::small;
			}
			std::optional<Datum> const properties = rows[i].optional_datum("properties");
			return std::pair(slot, properties ? reinterpret_cast<Jsonb *>(PG_DETOAST_DATUM(*properties)) : nullptr);
		});
		if (properties != nullptr)
			forecast_.keep_properties(contact_ids[slot], properties);
	}
}

void ImportForecast::add(Batch const &batch, std::span<std::int64_t const> contact_ids)
{
	most_slots_ =
		std::max(most_slots_, contact_ids.size()); // contacts that are forgotten leave their memory to those that come
	std::size_t const known_bytes = Contacts::bytes_for(most_slots_);
	forecast_.limit_kept_properties(kMemory - std::min(known_bytes, kMemory - kLeast));
	note_contacts(batch, contact_ids);
	for (std::size_t i = 0; i < batch.events.size(); i++) {
		// what is known of a million contacts is in none of the processor's caches
		if (i + kAhead < batch.events.size())
			__builtin_prefetch(&known_[batch.events[i + kAhead].contact]);
		Event const &event = batch.events[i];
		std::uint64_t const order = certain_ == Certain::at_once ? events_++ : batch.origins[i].line_number;
		TimestampTz const occurred_at = to_timestamptz(event.occurred_at_us);
		Known const known = known_[event.contact];
		jobs_.for_each_scheduled(event.name.view(), occurred_at, [&](std::size_t campaign, TimestampTz due_at) {
			forecast_.add({campaign, contact_ids[event.contact], known.is_unsubscribed, known.properties,
						   batch.addresses[i].view(), event.name.view(), properties_of(event), occurred_at, due_at,
						   order, certain_ == Certain::at_once});
		});
	}
	forecast_.flush();
}

void ImportForecast::confirm(Batch const &batch, std::span<std::int64_t const> contact_ids)
{
	for (Event const &event : batch.events) {
		std::uint64_t const order = batch.origins[event.contact].line_number;
		jobs_.for_each_scheduled(event.name.view(), to_timestamptz(event.occurred_at_us),
								 [&](std::size_t campaign, TimestampTz due_at) {
									 forecast_.confirm(contact_ids[event.contact], campaign, due_at, order);
								 });
	}
}

/// Looks their addresses up in the file.
void ImportForecast::name_new_contacts(std::vector<CampaignCounts> &counts)
{
	std::multimap<std::int64_t, BusyContact *> nameless;
	for (CampaignCounts &campaign : counts) {
		for (BusyContact &contact : campaign.busiest) {
			if (contact.contact_id < 0)
				nameless.emplace(contact.contact_id, &contact);
		}
	}
	AddressHead head;
	std::string email;
	for (addresses_.rewind(); !nameless.empty() && addresses_.read(&head, sizeof head);) {
		email.resize(head.size);
		addresses_.read_on(email.data(), email.size());
		auto [first, last] = nameless.equal_range(head.contact_id);
		for (auto one = first; one != last; ++one)
			one->second->email = email;
		nameless.erase(first, last);
	}
	addresses_.close();
}

std::vector<CampaignCounts> ImportForecast::finish()
{
	std::vector<CampaignCounts> counts = forecast_.finish(jobs_.counts());
	name_new_contacts(counts);
	return counts;
}

} // namespace vero::pg
