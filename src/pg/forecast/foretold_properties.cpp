// The properties of contacts by which jobs are foretold.
#include "pg/forecast/foretold_properties.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/sql/statement.hpp"

namespace vero::pg {
namespace {

constexpr std::size_t kMaxOfLarge = 4 * 1024 * 1024; // bytes of large ones

constexpr Statement kProperties{
	R"(
	SELECT r.place, c.properties
	FROM unnest($1, $2) AS r (place, contact_id)
	CROSS JOIN LATERAL (
		SELECT x.properties
		FROM vero.contacts AS x
		WHERE x.id = r.contact_id
		OFFSET 0) AS c)",
	{INT4ARRAYOID, INT8ARRAYOID},
	{{"place", INT4OID}, {"properties", JSONBOID}}};

/// Whose properties are to be read: the places in `places` with the contacts of these jobs. To be called in call().
Parameters<kProperties> ids_of(std::span<ForecastJob const> some, std::vector<std::size_t> const &places)
{
	return {int4_array(places.size(), [](std::size_t i) { return static_cast<std::int32_t>(i); }),
			int8_array(places.size(), [&](std::size_t i) { return some[places[i]].contact_id; })};
}

/// Gives jobs the properties of their contacts, until these take much. Says how many of the jobs got theirs.
std::size_t read_large(Catalog const &catalog, std::span<ForecastJob const> some,
					   std::vector<std::size_t> const &places, std::span<DueJob> jobs)
{
	Prepared prepared;
	auto cursor = call([&] {
		return as_owner(catalog, [&] {
			return Cursor<kProperties>(prepared, ids_of(some, places), CursorSees::what_was_committed);
		});
	});
	std::size_t known = 0;
	call([&] {
		std::size_t size = 0;
		while (size <= kMaxOfLarge) {
			auto rows = cursor.fetch(1);
			if (rows.count() == 0) {
				known = places.size();
				break;
			}
			auto place = static_cast<std::size_t>(rows[0].int4("place"));
			auto *properties = reinterpret_cast<Jsonb *>(PG_DETOAST_DATUM_COPY(rows[0].datum("properties")));
			jobs[places[place]].contact_properties = properties;
			size += VARSIZE(properties);
			known = place + 1;
			rows.free();
		}
		cursor.close();
	});
	return known;
}

} // namespace

void ForetoldProperties::keep(std::int64_t contact_id, Jsonb const *properties)
{
	if (cache_.find(contact_id) == nullptr)
		cache_.keep(contact_id, properties);
}

/// Of jobs whose contacts have small ones.
void ForetoldProperties::read_small(std::span<ForecastJob const> some, std::vector<std::size_t> const &places,
									std::span<DueJob> jobs)
{
	if (places.empty())
		return;
	auto rows = call([&] { return run_kept_as_owner<kProperties, Planned::once>(catalog_, ids_of(some, places)); });
	for (std::size_t i = 0; i < rows.count(); i++) {
		auto [place, properties] = call([&] {
			return std::pair(places[rows[i].int4("place")],
							 reinterpret_cast<Jsonb *>(PG_DETOAST_DATUM(rows[i].datum("properties"))));
		});
		keep(some[place].contact_id, properties);
		jobs[place].contact_properties = cache_.find(some[place].contact_id);
	}
	call([&] { rows.free(); });
}

/// Of the contacts of jobs whose campaigns read them, until these take much. Says of how many jobs, from the first one, all are there.
std::size_t ForetoldProperties::fill(std::span<ForecastJob const> some, std::span<DueJob> jobs,
									 std::function<bool(ForecastJob const &)> const &are_read)
{
	std::vector<std::size_t> small, large;
	cache_.forget_if_full();
	for (std::size_t i = 0; i < some.size(); i++) {
		if (some[i].properties == ContactProperties::none || !are_read(some[i]))
			continue;
		if (some[i].properties == ContactProperties::large) {
			large.push_back(i);
		} else if (Jsonb *known = cache_.find(some[i].contact_id)) {
			jobs[i].contact_properties = known;
		} else {
			small.push_back(i);
		}
	}
	read_small(some, small, jobs);
	std::size_t const known = large.empty() ? 0 : read_large(catalog_, some, large, jobs);
	return known == large.size() ? jobs.size() : large[known];
}

} // namespace vero::pg
