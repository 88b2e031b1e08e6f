// Finds out whether a column's values are numbers, and how they are written.
#pragma once

#include "core/property/decimal.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace vero {

/// How numbers with a fraction or with groups of thousands are written.
enum class NumberForm : unsigned char {
	integers,	///< there are digits only, so that all forms are the same
	plain,		///< 1234.50
	point,		///< 1,234.50: decimal_mark '.'
	comma,		///< 1.234,50: decimal_mark ','
	untold,		///< 1.234, which may be 1234: no value tells
	no_numbers, ///< or none in the same form
};

class NumberSurvey {
public:
	/// `text` is trimmed, and not empty.
	void add(std::string_view text);

	/// The form in which all values are numbers.
	NumberForm form() const;
	/// Whether all values are numbers without a `decimal_mark`, or with this one.
	bool is_read_with(std::optional<char> decimal_mark) const;

private:
	bool has_values_ = false;
	bool has_others_than_digits_ = false;
	// whether all values are numbers in it, and whether one is in no other
	bool is_plain_ = true, is_point_ = true, is_comma_ = true;
	bool tells_plain_ = false, tells_point_ = false, tells_comma_ = false;
	Decimal number_;
};

} // namespace vero
