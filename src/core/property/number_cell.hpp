// Reads numbers as files have them, and never changes what they say.
#pragma once

#include "core/property/decimal.hpp"

namespace vero {

enum class NumberFault : unsigned char {
	none,
	empty,
	no_number,	   ///< anything else
	special,	   ///< NaN, Infinity
	leading_zeros, ///< 007: text, not a quantity
	lost_digits,   ///< 1.2E+15: its last digits are not there
	wrong_groups,  ///< 12,34 or 1,2345: not every group has three digits
	too_large,	   ///< for numeric, or an exponent above kMaxCellExponent
};

/// Of a number in a cell: what a double may have. It bounds how much longer a number is than its cell when it is shown.
constexpr std::int64_t kMaxCellExponent = 400;

/// Reads a number as files have it: a sign, digits, a decimal mark with digits, an exponent that asks for no digits that are not there. Where the
/// mark is told ('.' or ','), thousands may stand in groups, by the other of the two, a space (also U+00A0, U+2009, U+202F) or an apostrophe
/// (also U+2019); else the mark is '.' and there are no groups. `number` is set where the answer is `none`.
NumberFault read_number(std::string_view text, std::optional<char> decimal_mark, Decimal &number);

} // namespace vero
