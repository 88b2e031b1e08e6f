// Finds out whether a column's values are numbers, and how they are written.
#include "core/inspect/number_survey.hpp"

#include "core/property/number_cell.hpp"
#include "core/text/character.hpp"

#include <algorithm>

namespace vero {
namespace {

bool are_digits(std::string_view text)
{
	return std::all_of(text.begin(), text.end(), is_digit);
}

/// Which all forms read as the same number.
bool is_plain_integer(std::string_view text)
{
	return (text.size() == 1 || text.front() != '0') && are_digits(text);
}

/// 12.50: digits, a point, and more or fewer digits than a group has, so that the point is no mark of thousands.
bool is_plain_fraction(std::string_view text)
{
	constexpr std::size_t kGroup = 3;
	std::size_t const point = text.find('.');
	return point != text.npos && point > 0 && is_plain_integer(text.substr(0, point)) &&
		   text.size() - point - 1 != kGroup && text.size() - point > 1 && are_digits(text.substr(point + 1));
}

} // namespace

void NumberSurvey::add(std::string_view text)
{
	has_values_ = true;
	if (!is_plain_ && !is_point_ && !is_comma_)
		return;
	constexpr std::size_t kLongest = 1000; // bytes
	if (text.size() < kLongest && is_plain_integer(text))
		return;
	if (text.size() < kLongest && is_plain_fraction(text)) {
		has_others_than_digits_ = tells_plain_ = true;
		is_comma_ = false;
		return;
	}
	auto const is_read = [&](std::optional<char> mark) {
		return text.size() < kLongest && read_number(text, mark, number_) == NumberFault::none;
	};
	bool const plain = is_read(std::nullopt), point = is_read('.'), comma = is_read(',');
	has_others_than_digits_ |= text.find_first_of(".,' ") != text.npos || !(plain && point && comma);
	is_plain_ &= plain;
	is_point_ &= point;
	is_comma_ &= comma;
	tells_plain_ |= plain && !comma;
	tells_point_ |= point && !comma && !plain;
	tells_comma_ |= comma && !point;
}

bool NumberSurvey::is_read_with(std::optional<char> decimal_mark) const
{
	return has_values_ && (!decimal_mark ? is_plain_ : *decimal_mark == ',' ? is_comma_ : is_point_);
}

NumberForm NumberSurvey::form() const
{
	if (!has_values_ || (!is_plain_ && !is_point_ && !is_comma_))
		return NumberForm::no_numbers;
	if (!has_others_than_digits_)
		return NumberForm::integers;
	if (is_plain_ && tells_plain_)
		return NumberForm::plain;
	if (is_point_ && (tells_point_ || tells_plain_))
		return NumberForm::point;
	return is_comma_ && tells_comma_ ? NumberForm::comma : NumberForm::untold;
}

} // namespace vero
