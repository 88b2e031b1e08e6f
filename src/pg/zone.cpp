// PostgreSQL's time zones as tables for the core.
#include "pg/zone.hpp"

#include "pg/boundary.hpp"

extern "C" {
#include "pgtime.h"
}

namespace vero::pg {
namespace {

// a day beyond the years 1 and 9999, as local times reach that far
constexpr pg_time_t kFirst_s = -62135596800 - 86400;
constexpr pg_time_t kLast_s = 253402300800 + 86400;

TimeZone read_zone(pg_tz const *zone)
{
	std::vector<Transition> transitions;
	pg_time_t at = kFirst_s, boundary = 0;
	long before_s = 0, after_s = 0;
	int before_is_dst, after_is_dst;
	int found = pg_next_dst_boundary(&at, &before_s, &before_is_dst, &boundary, &after_s, &after_is_dst, zone);
	auto first_s = static_cast<std::int32_t>(before_s);
	while (found > 0 && boundary <= kLast_s) {
		transitions.push_back({boundary, static_cast<std::int32_t>(after_s)});
		at = boundary + 1; // on its last known change pg_next_dst_boundary says that there is no further one
		found = pg_next_dst_boundary(&at, &before_s, &before_is_dst, &boundary, &after_s, &after_is_dst, zone);
	}
	return TimeZone(first_s, std::move(transitions));
}

} // namespace

TimeZone const &find_time_zone(std::optional<std::string> const &name)
{
	static pg_tz const *last_zone; // PostgreSQL keeps a zone for the life of the process
	static TimeZone table;

	char const *wanted = name ? name->c_str() : nullptr;
	pg_tz const *zone = wanted == nullptr ? session_timezone : call([wanted] { return pg_tzset(wanted); });
	if (zone == nullptr || !pg_tz_acceptable(const_cast<pg_tz *>(zone)))
		throw Report{ERRCODE_INVALID_PARAMETER_VALUE, "time zone \"" + *name + "\" not recognized", "", ""};
	if (zone != last_zone) {
		table = read_zone(zone);
		last_zone = zone;
	}
	return table;
}

} // namespace vero::pg
