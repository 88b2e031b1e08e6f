// How long to wait before something that failed is tried again.
#pragma once

#include <algorithm>
#include <cstdint>

namespace vero {

/// The wait doubles from attempt to attempt until it reaches the longest one, and is then varied, so that what failed
/// together does not come back together: the default is 30 s, 1 min, 2 min, 4 min ... 1 h, each more or less by up to half.
struct Backoff {
	std::int64_t first_us = 30'000'000;
	std::int64_t longest_us = 3'600'000'000;
	double factor = 2.0; ///< at least 1
	double jitter = 0.5; ///< 0 to 1: the wait is varied by this share of it, up and down
};

/// Microseconds to wait after the attempt number `attempt` failed (the first one is 1). `random` is uniform in [0, 1). Never
/// negative, never above longest_us * (1 + jitter).
inline std::int64_t delay_after(std::int64_t attempt, double random, Backoff const &backoff = {})
{
	auto const longest = static_cast<double>(backoff.longest_us);
	double delay = std::min(static_cast<double>(backoff.first_us), longest);
	for (std::int64_t i = 1; i < attempt && delay < longest && backoff.factor > 1.0; ++i) {
		delay = std::min(delay * backoff.factor, longest);
	}
	return static_cast<std::int64_t>(delay * (1.0 + backoff.jitter * (2.0 * random - 1.0)));
}

} // namespace vero
