// Reads numbers as files have them, and never changes what they say.
#include "core/property/number_cell.hpp"

#include "core/text/character.hpp"
#include "core/text/text.hpp"

#include <algorithm>
#include <array>

namespace vero {
namespace {

constexpr std::array<std::string_view, 6> kGroupMarks{" ", "'", "\u00A0", "\u202F", "\u2019", "\u2009"};

std::string_view take_digits(std::string_view &text)
{
	std::string_view digits =
		text.substr(0, static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin()));
	text.remove_prefix(digits.size());
	return digits;
}

/// What may part groups, at the beginning of the text; empty: nothing there.
std::string_view group_mark(std::string_view text, char decimal_mark)
{
	std::string_view other = decimal_mark == ',' ? "." : ",";
	if (text.starts_with(other))
		return other;
	auto mark = std::find_if(kGroupMarks.begin(), kGroupMarks.end(),
							 [&](std::string_view each) { return text.starts_with(each); });
	return mark == kGroupMarks.end() ? std::string_view() : *mark;
}

/// Takes the digits before the decimal mark, with or without groups, into `whole`.
NumberFault take_whole(std::string_view &text, std::optional<char> decimal_mark, std::string &whole)
{
	whole.assign(take_digits(text));
	std::string_view mark = decimal_mark ? group_mark(text, *decimal_mark) : std::string_view();
	if (mark.empty())
		return NumberFault::none;
	bool is_right = !whole.empty() && whole.size() <= 3;
	while (text.starts_with(mark)) {
		text.remove_prefix(mark.size());
		std::string_view group = take_digits(text);
		is_right &= group.size() == 3;
		whole += group;
	}
	return is_right ? NumberFault::none : NumberFault::wrong_groups;
}

bool is_special(std::string_view text)
{
	return is_in_any_case(text, "nan") || is_in_any_case(text, "inf") || is_in_any_case(text, "infinity");
}

/// What is wrong with digits that were all read.
NumberFault judge(std::string_view whole, std::string_view fraction, std::int64_t exponent, Decimal const &number)
{
	if (whole.size() > 1 && whole.starts_with('0'))
		return NumberFault::leading_zeros;
	if (exponent > static_cast<std::int64_t>(fraction.size()))
		return NumberFault::lost_digits;
	return exponent < -kMaxCellExponent || !fits_numeric(number) ? NumberFault::too_large : NumberFault::none;
}

} // namespace

NumberFault read_number(std::string_view text, std::optional<char> decimal_mark, Decimal &number)
{
	if (text.empty())
		return NumberFault::empty;
	bool is_negative = text.starts_with('-');
	if (is_negative || text.starts_with('+'))
		text.remove_prefix(1);
	if (is_special(text))
		return NumberFault::special;
	std::string whole;
	NumberFault grouped = take_whole(text, decimal_mark, whole);
	std::string_view fraction;
	if (text.starts_with(decimal_mark.value_or('.'))) {
		text.remove_prefix(1);
		fraction = take_digits(text);
	}
	if (whole.empty() && fraction.empty())
		return NumberFault::no_number;
	std::int64_t exponent = 0;
	if (text.starts_with('e') || text.starts_with('E')) {
		std::optional<std::int64_t> told = read_exponent(text.substr(1));
		if (!told)
			return NumberFault::no_number;
		exponent = *told;
		text = {};
	}
	if (!text.empty())
		return NumberFault::no_number;
	if (grouped != NumberFault::none)
		return grouped;
	number.assign(is_negative, whole, fraction, exponent);
	return judge(whole, fraction, exponent, number);
}

} // namespace vero
