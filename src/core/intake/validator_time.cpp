// Judges the time of a record: one cell, or two that are joined.
#include "core/intake/validator.hpp"

#include "core/text/text.hpp"
#include "core/time/event_time.hpp"
#include "core/time/unread_time.hpp"

#include <algorithm>
#include <iterator>

namespace vero {

void Validator::check_time(Record const &record, std::string_view value, Column const &column)
{
	if (value.empty()) {
		add_error(ErrorCode::missing_time, &column, value, {"time is missing", time_columns_});
		return;
	}
	if (rules_.header.clock)
		value = join_clock(record, value);
	if (!read_time(value)) {
		add_unread_time(value, column);
	} else if (!is_time_taken()) {
		add_error(ErrorCode::no_partition, &column, value,
				  {"no partition of vero.events takes the time ", quote_clipped(value)});
	}
}

void Validator::add_unread_time(std::string_view value, Column const &column)
{
	if (!rules_.needs_words) {
		add_error(ErrorCode::invalid_time, &column, value, {});
		return;
	}
	unread_time_ = &unread_times_[std::hash<std::string_view>()(value) % unread_times_.size()];
	if (value != unread_time_->text) {
		*unread_time_ = {std::string(value), explain_unread_time(value, time_columns_, *rules_.time_zone,
																 rules_.time_layouts, rules_.notation)};
	}
	add_error(ErrorCode::invalid_time, &column, value, {unread_time_->unread.words});
	if (errors_.back().code == ErrorCode::invalid_time)
		errors_.back().is_time_fault = unread_time_->unread.is_iso_fault;
}

/// There is a place for the time of the record in hand.
bool Validator::is_time_taken() const
{
	if (!rules_.taken_times)
		return true;
	auto range = std::upper_bound(rules_.taken_times->begin(), rules_.taken_times->end(), occurred_at_us_,
								  [](std::int64_t time, TimeRange const &range) { return time < range.from_us; });
	return range != rules_.taken_times->begin() && occurred_at_us_ < std::prev(range)->to_us;
}

/// The time of the record in hand.
bool Validator::read_time(std::string_view value)
{
	std::optional<std::int64_t> time = parse_event_time(value, *rules_.time_zone);
	counts_.iso_times += time ? 1 : 0;
	for (std::size_t i = 0; !time && i < rules_.time_layouts.list.size(); i++) {
		time = rules_.time_layouts.list[i].read(value, *rules_.time_zone, rules_.time_layouts.zones).instant_us;
		counts_.layout_times[i] += time ? 1 : 0;
	}
	occurred_at_us_ = time.value_or(0);
	return time.has_value();
}

/// Date and clock with a space between them; the date alone where the clock is blank.
std::string_view Validator::join_clock(Record const &record, std::string_view date)
{
	std::size_t const index = *rules_.header.clock;
	if (index >= record.cells.size())
		return date;
	std::string buffer;
	std::string_view const clock = trim_unseen(value_of(record, record.cells[index], buffer));
	if (clock.empty())
		return date;
	time_buffer_.assign(date).append(1, ' ').append(clock);
	return time_buffer_;
}

} // namespace vero
