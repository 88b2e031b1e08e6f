// Reads times in a layout that somebody has told: from the fields that were read to the instant.
#include "core/time/time_layout.hpp"

#include "core/time/layout_fields.hpp"

#include <algorithm>
#include <chrono>
#include <span>

namespace vero {
namespace {

/// Days since 1970-01-01. What does not exist is noted.
std::int64_t find_day(LayoutFields &fields, bool has_day_of_year)
{
	using namespace std::chrono;
	std::int32_t const year_number = fields.of(TimeLayout::Field::year);
	year const y(year_number);
	if (year_number < 1)
		fields.note(TimePart::year, year_number);
	if (has_day_of_year) {
		std::int32_t const number = fields.of(TimeLayout::Field::day_of_year);
		if (number < 1 || number > (y.is_leap() ? 366 : 365))
			fields.note(TimePart::day_of_year, number);
		return (sys_days(y / January / 1) + days(number - 1)).time_since_epoch().count();
	}
	std::int32_t const month_number = fields.of(TimeLayout::Field::month);
	std::int32_t const day_number = fields.of(TimeLayout::Field::day);
	year_month_day const date(y, month(static_cast<unsigned>(month_number)), day(static_cast<unsigned>(day_number)));
	if (!date.month().ok()) {
		fields.note(TimePart::month, month_number);
	} else if (!date.ok()) {
		fields.note(TimePart::day, day_number);
	}
	return fields.fault ? 0 : sys_days(date).time_since_epoch().count();
}

void check_weekday(LayoutFields &fields, std::int64_t day)
{
	if (fields.weekday == LayoutFields::kNone || fields.fault)
		return;
	auto const right = std::chrono::weekday(std::chrono::sys_days(std::chrono::days(day))).c_encoding();
	if (static_cast<std::int32_t>(right) != fields.weekday)
		fields.note(TimePart::weekday, static_cast<std::int32_t>(right));
}

/// Seconds since midnight, a whole day included.
std::int64_t find_clock(LayoutFields &fields, bool is_12_hours)
{
	constexpr std::int32_t kHalfDay = 12;
	std::int32_t hour = fields.value_or(TimeLayout::Field::hour, 0);
	std::int32_t const minute = fields.value_or(TimeLayout::Field::minute, 0);
	std::int32_t const second = fields.value_or(TimeLayout::Field::second, 0);
	if (is_12_hours && (hour < 1 || hour > kHalfDay))
		fields.note(TimePart::hour_of_12, hour);
	if (!is_12_hours && hour > 24)
		fields.note(TimePart::hour, hour);
	if (minute > 59)
		fields.note(TimePart::minute, minute);
	if (second > 60)
		fields.note(TimePart::second, second);
	if (is_12_hours)
		hour = hour % kHalfDay + (fields.is_afternoon ? kHalfDay : 0);
	std::int64_t const clock_s = (hour * 60 + minute) * 60 + second;
	if (clock_s * kMicrosPerSecond + fields.micros > kSecondsPerDay * kMicrosPerSecond)
		fields.note(TimePart::clock, 0);
	return clock_s;
}

std::int32_t find_offset(LayoutFields &fields, std::int64_t local_s, TimeZone const &zone, NamedZones const &zones)
{
	if (fields.offset_s != LayoutFields::kNone)
		return fields.offset_s;
	if (fields.zone.empty())
		return zone.offset_at_local(local_s);
	std::optional<std::int32_t> const offset_s = zones ? zones(fields.zone, local_s) : std::nullopt;
	if (!offset_s)
		fields.note(TimePart::zone, 0);
	return offset_s.value_or(0);
}

/// A number of as many digits as `epoch_digits` or one less, and perhaps a fraction.
TimeReading read_epoch(std::string_view text, std::int32_t epoch_digits)
{
	TimeCursor cursor(text);
	std::string_view const digits = cursor.take_digits();
	auto const most = static_cast<std::size_t>(epoch_digits);
	if ((digits.size() != most && digits.size() + 1 != most) || digits.front() == '0')
		return {};
	std::int64_t const unit_us = epoch_digits == 10 ? kMicrosPerSecond : epoch_digits == 13 ? 1000 : 1;
	std::int64_t number = 0;
	for (char const digit : digits)
		number = number * 10 + (digit - '0');
	std::int64_t part_us = 0;
	if (cursor.skip('.')) {
		std::string_view const fraction = cursor.take_digits();
		if (fraction.empty())
			return {};
		part_us = round_fraction(fraction, static_cast<double>(unit_us));
	}
	if (!cursor.is_at_end())
		return {};
	return {number * unit_us + part_us, std::nullopt};
}

bool take_all(TimeCursor &cursor, std::span<TimeLayout::Step const> steps, LayoutFields &fields)
{
	return std::all_of(steps.begin(), steps.end(),
					   [&](TimeLayout::Step const &step) { return take_layout_step(cursor, step, fields); });
}

} // namespace

bool TimeLayout::takes_start_of(std::string_view text) const
{
	TimeCursor cursor(text);
	LayoutFields fields;
	return epoch_digits_ != 0 || (take_all(cursor, steps_, fields) && !cursor.is_at_digit());
}

TimeReading TimeLayout::read(std::string_view text, TimeZone const &zone, NamedZones const &zones) const
{
	if (epoch_digits_ != 0)
		return read_epoch(text, epoch_digits_);
	TimeCursor cursor(text);
	LayoutFields fields;
	if (!take_all(cursor, steps_, fields) || !cursor.is_at_end())
		return {};
	std::int64_t const day = find_day(fields, has_day_of_year_);
	check_weekday(fields, day);
	std::int64_t const local_s = day * kSecondsPerDay + find_clock(fields, is_12_hours_);
	if (fields.fault)
		return {std::nullopt, fields.fault};
	std::int64_t const instant_s = local_s - find_offset(fields, local_s, zone, zones);
	if (fields.fault)
		return {std::nullopt, fields.fault};
	return {instant_s * kMicrosPerSecond + fields.micros, std::nullopt};
}

std::string TimeFault::words() const
{
	std::string const number = std::to_string(value);
	switch (part) {
	case TimePart::year:
		return "there is no year " + number;
	case TimePart::month:
		return "there is no month " + number;
	case TimePart::day:
		return "there is no such day";
	case TimePart::day_of_year:
		return "that year has no day " + number;
	case TimePart::weekday:
		return "that day is a " + std::string(kDayNames[static_cast<std::size_t>(value)]);
	case TimePart::hour:
		return "there is no hour " + number;
	case TimePart::hour_of_12:
		return "there is no hour " + number + " on a clock of 12 hours";
	case TimePart::minute:
		return "there is no minute " + number;
	case TimePart::second:
		return "there is no second " + number;
	case TimePart::clock:
		return "there is no time after 24:00";
	case TimePart::offset:
		return "there is no offset of " + number + " hours";
	case TimePart::zone:
		return "there is no time zone of that name";
	}
	return {};
}

} // namespace vero
