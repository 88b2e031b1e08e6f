// Judges the time of a record.
#include "core/intake/validator.hpp"

#include "core/text/text.hpp"
#include "core/time/event_time.hpp"
#include "core/time/unread_time.hpp"

namespace vero {

void Validator::check_time(Record const &record, Cell const &cell, Column const &column)
{
	std::string_view value = trim(value_of(record, cell, buffer_));
	if (value.empty()) {
		add_error(ErrorCode::missing_time, &column, value, "time is missing");
		return;
	}
	if (!read_time(value)) {
		add_error(ErrorCode::invalid_time, &column, value,
				  explain_unread_time(value, "", *rules_.time_zone, rules_.time_layouts));
	}
}

/// The time of the record in hand.
bool Validator::read_time(std::string_view value)
{
	std::optional<std::int64_t> time = parse_event_time(value, *rules_.time_zone);
	for (std::size_t i = 0; !time && i < rules_.time_layouts.list.size(); i++)
		time = rules_.time_layouts.list[i].read(value, *rules_.time_zone, rules_.time_layouts.zones).instant_us;
	occurred_at_us_ = time.value_or(0);
	return time.has_value();
}

} // namespace vero
