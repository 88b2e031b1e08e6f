// Notices that the clock was set.
#pragma once

#include <cstdint>
#include <optional>

namespace vero {

/// Compares the clock that people set with one that only ever goes on. Both are the caller's, in microseconds.
class ClockWatch {
public:
	/// True where the clock was set since the last call, or the machine slept: times in the future that were reckoned before may
	/// mean nothing. A few seconds do not count.
	bool has_jumped(std::int64_t clock_us, std::int64_t steady_us)
	{
		constexpr std::int64_t kTolerance_us = 5'000'000;
		std::int64_t const offset_us = clock_us - steady_us;
		bool const has_jumped =
			offset_us_ && (offset_us > *offset_us_ + kTolerance_us || offset_us < *offset_us_ - kTolerance_us);
		if (has_jumped || !offset_us_) {
			offset_us_ = offset_us;
		}
		return has_jumped;
	}

private:
	std::optional<std::int64_t> offset_us_; ///< as it was when it was looked at first, or when it jumped
};

} // namespace vero
