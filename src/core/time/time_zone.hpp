// A time zone as a table: from local time to the instant, as PostgreSQL decides it.
#pragma once

#include <cstdint>
#include <vector>

namespace vero {

/// The offset changes at an instant.
struct Transition {
	std::int64_t at_s;			 ///< seconds since 1970-01-01 00:00 UTC
	std::int32_t offset_after_s; ///< seconds east of UTC from then on
};

/// Immutable after construction, so any number of threads may read it.
class TimeZone {
public:
	/// A fixed offset, in seconds east of UTC.
	explicit TimeZone(std::int32_t offset_s = 0) : TimeZone(offset_s, {}) {}

	/// `offset_s` holds before the first transition; transitions are in ascending order.
	TimeZone(std::int32_t offset_s, std::vector<Transition> transitions);

	/// The offset of a local time (seconds since 1970-01-01 00:00 local), in seconds east of UTC. Where the local time does
	/// not exist (the clock was put forward) the offset before the change holds, where it exists twice (put back) the one
	/// after it: DetermineTimeZoneOffset of PostgreSQL's src/backend/utils/adt/datetime.c.
	std::int32_t offset_at_local(std::int64_t local_s) const;

private:
	std::int32_t first_offset_s_;
	std::vector<Transition> transitions_;
};

/// For questions in which the zone does not matter.
inline TimeZone const &utc_zone()
{
	static TimeZone const utc;
	return utc;
}

} // namespace vero
