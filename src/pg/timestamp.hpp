// Times of the core, microseconds since 1970, as PostgreSQL's, microseconds since 2000; both UTC.
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include "datatype/timestamp.h"
}

namespace vero::pg {

constexpr std::int64_t kPostgresEpoch_us = (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;

constexpr TimestampTz to_timestamptz(std::int64_t unix_us)
{
	return unix_us - kPostgresEpoch_us;
}

constexpr std::int64_t to_unix_us(TimestampTz time)
{
	return time + kPostgresEpoch_us;
}

} // namespace vero::pg
