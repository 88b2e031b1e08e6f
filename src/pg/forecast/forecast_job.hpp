// A job that an event would get.
#pragma once

#include "pg/base/postgres.hpp"

#include <algorithm>

extern "C" {
#include "datatype/timestamp.h"
#include "utils/jsonb.h"
}

namespace vero::pg {

/// What is known of a contact's properties: those that are there are looked up, many that are small at once.
enum class ContactProperties : unsigned char { none, small, large };

/// What the orders of jobs are: places in a file, whose events come after all that are stored; or those of order_of_event().
enum class JobOrder : unsigned char { in_file, of_events };

constexpr std::int64_t kMaxOrder = (std::int64_t{1} << 48) - 1;

/// Of a job whose event is stored.
constexpr std::uint64_t order_of_event(std::int64_t event_id)
{
	return static_cast<std::uint64_t>(std::clamp(event_id, std::int64_t{0}, kMaxOrder));
}

/// A job that an event would get, and what is known of its event and its contact.
struct ForecastJob {
	std::size_t campaign;	 ///< its place among all
	std::int64_t contact_id; ///< below 0: there is none yet, and it is a number of his own
	bool is_unsubscribed;
	ContactProperties properties;
	std::string_view email;
	std::string_view event_name;
	Jsonb *event_properties;
	TimestampTz occurred_at;
	TimestampTz due_at;
	std::uint64_t order;	///< of jobs that are due at the same time; at most kMaxOrder
	bool is_certain = true; ///< else it counts only if it is confirmed
};

} // namespace vero::pg
