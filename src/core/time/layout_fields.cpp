// The steps of a layout, each of which takes a piece of a text.
#include "core/time/layout_fields.hpp"

#include "core/text/character.hpp"

namespace vero {
namespace {

/// One or more blanks of any kind.
bool skip_blanks(TimeCursor &cursor)
{
	std::string_view const before = cursor.rest();
	while (!cursor.is_at_end()) {
		if (cursor.skip(' ') || cursor.skip('\t'))
			continue;
		Utf8Step const step = decode_utf8(cursor.rest(), 0);
		if (!step.is_well_formed || is_control(step.code_point) || !is_white_space(step.code_point))
			break;
		cursor.skip_bytes(step.length);
	}
	return cursor.rest().size() < before.size();
}

/// `least` to `most` digits, at most 4.
bool read_number(TimeCursor &cursor, std::size_t least, std::size_t most, std::int32_t &value)
{
	std::string_view const rest = cursor.rest();
	std::size_t count = 0;
	std::int32_t number = 0;
	while (count < most && count < rest.size() && is_digit(rest[count]))
		number = number * 10 + (rest[count++] - '0');
	if (count < least)
		return false;
	cursor.skip_bytes(count);
	value = number;
	return true;
}

/// The index of the full or short English name that stands here, in any case. Sept is one, too: browsers in Britain write it.
template <std::size_t size>
bool read_name(TimeCursor &cursor, std::array<std::string_view, size> const &names, std::int32_t &index)
{
	std::string_view const rest = cursor.rest();
	for (std::size_t i = 0; i < size; i++) {
		std::size_t same = 0;
		while (same < names[i].size() && same < rest.size() && (rest[same] | 0x20) == (names[i][same] | 0x20))
			same++;
		if (same < kShortName)
			continue;
		bool const is_sept = same == kShortName + 1 && names[i] == "September";
		cursor.skip_bytes(is_sept || same == names[i].size() ? same : kShortName);
		index = static_cast<std::int32_t>(i);
		return true;
	}
	return false;
}

bool read_offset(TimeCursor &cursor, LayoutFields &fields)
{
	if (cursor.skip_word("UTC") || cursor.skip_word("GMT") || cursor.skip_word("Z")) {
		fields.offset_s = 0;
		return true;
	}
	bool const is_west = cursor.is_at('-');
	if (!cursor.skip('+') && !cursor.skip('-'))
		return false;
	std::int32_t hours = 0, minutes = 0;
	std::string_view const rest = cursor.rest();
	if (!read_number(cursor, 1, 2, hours))
		return false;
	bool const has_two = rest.size() - cursor.rest().size() == 2;
	if ((cursor.skip(':') || (has_two && cursor.is_at_digit())) && !cursor.read_two(minutes))
		return false;
	if (hours > kMaxOffsetHours)
		fields.note(TimePart::offset, is_west ? -hours : hours);
	if (minutes > 59)
		fields.note(TimePart::minute, minutes);
	fields.offset_s = (hours * 60 + minutes) * 60 * (is_west ? -1 : 1);
	return true;
}

/// A name of letters: digits would make it a POSIX zone, whose sign is turned.
bool read_zone(TimeCursor &cursor, LayoutFields &fields)
{
	auto is_of_name = [](char c) {
		return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '/' || c == '-';
	};
	std::string_view const rest = cursor.rest();
	auto const end = std::find_if_not(rest.begin(), rest.end(), is_of_name);
	fields.zone = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
	cursor.skip_bytes(fields.zone.size());
	return !fields.zone.empty();
}

bool read_fraction(TimeCursor &cursor, LayoutFields &fields)
{
	std::string_view const digits = cursor.take_digits();
	if (digits.empty())
		return false;
	fields.micros = round_fraction(digits);
	return true;
}

bool read_numeric(TimeCursor &cursor, TimeLayout::Step const &step, LayoutFields &fields)
{
	if (step.may_be_padded)
		cursor.skip_spaces();
	if (!read_number(cursor, step.least_digits, step.most_digits, fields.of(step.field)))
		return false;
	return !step.takes_fraction || !cursor.skip('.') || read_fraction(cursor, fields);
}

bool read_half_day(TimeCursor &cursor, LayoutFields &fields)
{
	fields.is_afternoon = cursor.skip_word("PM");
	return fields.is_afternoon || cursor.skip_word("AM");
}

bool read_year_of_century(TimeCursor &cursor, LayoutFields &fields)
{
	constexpr std::int32_t kFirstOf1900s = 69;
	std::int32_t year = 0;
	if (!cursor.read_two(year))
		return false;
	fields.of(TimeLayout::Field::year) = year + (year < kFirstOf1900s ? 2000 : 1900);
	return true;
}

} // namespace

bool take_layout_step(TimeCursor &cursor, TimeLayout::Step const &step, LayoutFields &fields)
{
	switch (step.kind) {
	case TimeLayout::Kind::byte:
		return cursor.skip(step.byte);
	case TimeLayout::Kind::blank:
		return skip_blanks(cursor);
	case TimeLayout::Kind::number:
		return read_numeric(cursor, step, fields);
	case TimeLayout::Kind::fraction:
		return read_fraction(cursor, fields);
	case TimeLayout::Kind::year_of_century:
		return read_year_of_century(cursor, fields);
	case TimeLayout::Kind::half_day:
		return read_half_day(cursor, fields);
	case TimeLayout::Kind::month_name: {
		bool const found = read_name(cursor, kMonthNames, fields.of(TimeLayout::Field::month));
		fields.of(TimeLayout::Field::month)++;
		return found;
	}
	case TimeLayout::Kind::day_name:
		return read_name(cursor, kDayNames, fields.weekday);
	case TimeLayout::Kind::offset:
		return read_offset(cursor, fields);
	case TimeLayout::Kind::zone:
		return read_zone(cursor, fields);
	}
	return false;
}

} // namespace vero
