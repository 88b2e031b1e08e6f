// Times of the core, microseconds since 1970, as PostgreSQL's, microseconds since 2000; both UTC.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "utils/timestamp.h"
}

namespace vero::pg {

constexpr std::int64_t kPostgresEpoch_us = (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;

// Events happen in the years 1 to 9999: their times with a campaign's delay are times, too. Exclusive at the end.
constexpr TimestampTz kFirstEventTime = (1721426 - POSTGRES_EPOCH_JDATE) * USECS_PER_DAY;
constexpr TimestampTz kEndOfEventTimes = (5373485 - POSTGRES_EPOCH_JDATE) * USECS_PER_DAY;

constexpr TimestampTz to_timestamptz(std::int64_t unix_us)
{
	return unix_us - kPostgresEpoch_us;
}

constexpr std::int64_t to_unix_us(TimestampTz time)
{
	return time + kPostgresEpoch_us;
}

/// For a wait on a latch: 0 where `until` is past, and -infinity is. (TimestampDifferenceMilliseconds() overflows there, and waits long.)
inline long milliseconds_until(TimestampTz until)
{
	constexpr long kLongest_ms = 60 * 60 * 1000;
	TimestampTz now = GetCurrentTimestamp();
	if (until <= now)
		return 0;
	bool is_far = until >= TimestampTzPlusMilliseconds(now, kLongest_ms);
	return is_far ? kLongest_ms : TimestampDifferenceMilliseconds(now, until);
}

} // namespace vero::pg
