// A time zone as a table: from local time to the instant, as PostgreSQL decides it.
#include "core/time/time_zone.hpp"

#include "core/time/time_parts.hpp"

#include <algorithm>
#include <utility>

namespace vero {

TimeZone::TimeZone(std::int32_t offset_s, std::vector<Transition> transitions)
	: first_offset_s_(offset_s), transitions_(std::move(transitions))
{
}

std::int32_t TimeZone::offset_at_local(std::int64_t local_s) const
{
	// No offset reaches a day, so a day earlier, read as UTC, is before the instant whatever the offset is. PostgreSQL
	// looks at the first change after that and at no other, even where a second one follows within hours.
	auto const next = std::upper_bound(
		transitions_.begin(), transitions_.end(), local_s - kSecondsPerDay,
		[](std::int64_t instant_s, Transition const &transition) { return instant_s < transition.at_s; });
	std::int32_t const before_s = next == transitions_.begin() ? first_offset_s_ : std::prev(next)->offset_after_s;
	if (next == transitions_.end()) {
		return before_s;
	}
	std::int32_t const after_s = next->offset_after_s;
	std::int64_t const instant_before_s = local_s - before_s;
	std::int64_t const instant_after_s = local_s - after_s;
	if (instant_before_s < next->at_s && instant_after_s < next->at_s) {
		return before_s;
	}
	if (instant_before_s > next->at_s && instant_after_s >= next->at_s) {
		return after_s;
	}
	// A gap (the clock put forward) or an overlap (put back).
	return instant_before_s > instant_after_s ? before_s : after_s;
}

} // namespace vero
