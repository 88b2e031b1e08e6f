// Offsets of zones that are named in a file's cells, as timestamptz input finds them.
#include "core/text/character.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/compat.hpp"
#include "pg/base/zone.hpp"

#include <chrono>
#include <map>

extern "C" {
#include "pgtime.h"
#include "utils/datetime.h"
}

namespace vero::pg {
namespace {

/// Names in a file are few. Of a file that has more, all are forgotten and looked up again.
constexpr std::size_t kMaxKnownNames = 1'000;

struct NamedZone {
	enum class Kind : unsigned char {
		unknown,
		fixed,		  ///< an abbreviation of one offset
		abbreviation, ///< one whose offset its zone knows
		zone,
	} kind;
	int east_s = 0; ///< of a fixed one
	pg_tz *zone = nullptr;
};

/// In call(). What timestamptz input does (DecodeDateTime in src/backend/utils/adt/datetime.c).
NamedZone look_up(char const *name, char *lower)
{
	int east_s = 0;
	pg_tz *zone = nullptr;
	int type = compat::decode_zone_abbreviation(lower, &east_s, &zone);
	if (type == TZ || type == DTZ)
		return {NamedZone::Kind::fixed, east_s};
	if (type == DYNTZ)
		return {NamedZone::Kind::abbreviation, 0, zone};
	zone = pg_tzset(name);
	if (zone == nullptr || !pg_tz_acceptable(zone))
		return {NamedZone::Kind::unknown};
	return {NamedZone::Kind::zone, 0, zone};
}

pg_tm take_apart(std::int64_t local_s)
{
	namespace chrono = std::chrono; // datetime.h has a variable named days
	auto day = chrono::floor<chrono::days>(chrono::sys_seconds(chrono::seconds(local_s)));
	chrono::year_month_day date(day);
	chrono::hh_mm_ss clock(chrono::sys_seconds(chrono::seconds(local_s)) - day);
	pg_tm tm{};
	tm.tm_year = static_cast<int>(date.year());
	tm.tm_mon = static_cast<int>(static_cast<unsigned>(date.month()));
	tm.tm_mday = static_cast<int>(static_cast<unsigned>(date.day()));
	tm.tm_hour = static_cast<int>(clock.hours().count());
	tm.tm_min = static_cast<int>(clock.minutes().count());
	tm.tm_sec = static_cast<int>(clock.seconds().count());
	return tm;
}

/// Those that were looked up.
class KnownZones {
public:
	std::optional<std::int32_t> find_offset(std::string const &name, std::int64_t local_s)
	{
		NamedZone const &known = find(name);
		if (known.kind == NamedZone::Kind::unknown)
			return std::nullopt;
		if (known.kind == NamedZone::Kind::fixed)
			return known.east_s;
		pg_tm tm = take_apart(local_s);
		std::string upper = name;
		for (char &c : upper)
			c = upper_ascii(c);
		bool is_abbreviation = known.kind == NamedZone::Kind::abbreviation;
		return call([&, abbreviation = upper.c_str(), zone = known.zone] {
			return -(is_abbreviation ? DetermineTimeZoneAbbrevOffset(&tm, abbreviation, zone)
									 : DetermineTimeZoneOffset(&tm, zone));
		});
	}

private:
	NamedZone const &find(std::string const &name)
	{
		if (auto found = zones_.find(name); found != zones_.end())
			return found->second;
		if (zones_.size() == kMaxKnownNames)
			zones_.clear();
		std::string lower = name;
		for (char &c : lower)
			c = lower_ascii(c);
		NamedZone zone{NamedZone::Kind::unknown};
		if (name.size() <= TZ_STRLEN_MAX)
			zone = call([&, text = name.c_str(), low = lower.data()] { return look_up(text, low); });
		return zones_.emplace(name, zone).first->second;
	}

	std::map<std::string, NamedZone> zones_;
};

} // namespace

NamedZones find_named_zones()
{
	return [known = KnownZones()](std::string_view name, std::int64_t local_s) mutable {
		return known.find_offset(std::string(name), local_s);
	};
}

} // namespace vero::pg
