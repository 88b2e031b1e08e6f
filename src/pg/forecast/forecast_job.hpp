// A job that an event would get.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "datatype/timestamp.h"
#include "utils/jsonb.h"
}

namespace vero::pg {

/// What is known of a contact's properties: those that are there are looked up, many that are small at once.
enum class ContactProperties : unsigned char { none, small, large };

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
	std::uint64_t order;	///< of jobs that are due at the same time; below 2^48
	bool is_certain = true; ///< else it counts only if it is confirmed
};

} // namespace vero::pg
