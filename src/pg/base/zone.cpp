// PostgreSQL's time zones as tables for the core.
#include "pg/base/zone.hpp"

#include "core/text/text.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/compat.hpp"

extern "C" {
#include "pgtime.h"
#include "utils/guc.h"
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

/// What SET TimeZone takes, with its meaning: names of zones, POSIX zones, numbers of hours, intervals; `shown` is what an error has
/// of it. To be called in call().
pg_tz *look_up(char const *name, char const *shown)
{
	char *value = pstrdup(name);
	void *found = nullptr;
	GUC_check_errdetail_string = nullptr;
	// no name is longer, and interval input repeats what it cannot read
	bool is_zone = strlen(name) <= TZ_STRLEN_MAX && check_timezone(&value, &found, PGC_S_TEST);
	pfree(value);
	if (!is_zone) {
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("time zone %s not recognized", shown),
				 GUC_check_errdetail_string != nullptr ? errdetail_internal("%s", GUC_check_errdetail_string) : 0));
	}
	pg_tz *zone = *static_cast<pg_tz **>(found);
	compat::free_setting(found);
	return zone;
}

/// True for "UTC+3", "+05:30", "Etc/GMT-2" and the like: an offset that is counted towards the west. It is PostgreSQL's own name of the
/// zone: one that was given as a number or an interval begins with "<".
bool is_counted_westward(std::string_view name)
{
	if (name.starts_with("Etc/"))
		name.remove_prefix(4);
	auto skip = [&name](std::string_view characters) {
		name.remove_prefix(std::min(name.find_first_not_of(characters), name.size()));
	};
	skip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	if (name.starts_with('+') || name.starts_with('-'))
		name.remove_prefix(1);
	std::size_t before = name.size();
	skip("0123456789:");
	bool has_offset = name.size() < before;
	skip(" \t\n");
	return has_offset && name.empty();
}

} // namespace

TimeZone const &find_time_zone(std::optional<std::string> const &name)
{
	static pg_tz const *last_zone; // PostgreSQL keeps a zone for the life of the process
	static TimeZone table;

	char const *wanted = name ? name->c_str() : nullptr;
	std::string const words = name ? quote_clipped(*name) : "";
	pg_tz const *zone =
		wanted == nullptr ? session_timezone : call([wanted, shown = words.c_str()] { return look_up(wanted, shown); });
	if (zone != last_zone) {
		table = read_zone(zone);
		last_zone = zone;
	}
	return table;
}

void check_time_zone(std::string const &name)
{
	std::int32_t east_s = find_time_zone(name).offset_at_local(0);
	std::string const words = quote_clipped(name);
	call([wanted = name.c_str(), shown = words.c_str(), east_s] {
		int minutes = std::abs(east_s) / 60;
		if (minutes != 0 && is_counted_westward(pg_get_timezone_name(look_up(wanted, shown)))) {
			ereport(
				WARNING,
				(errmsg("time zone %s is %d:%02d hours %s of UTC", shown, minutes / 60, minutes % 60,
						east_s < 0 ? "west" : "east"),
				 errdetail("Such names are read as SET TimeZone reads them, by POSIX's rule: their sign is turned."),
				 errhint("A number is hours east of UTC: for example 5.5, or -3 for west.")));
		}
	});
}

} // namespace vero::pg
