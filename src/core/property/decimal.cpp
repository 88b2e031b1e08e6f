// Decimal numbers of any length as PostgreSQL's numeric stores them.
#include "core/property/decimal.hpp"

#include <algorithm>
#include <cstring>

namespace vero {
namespace {

// The form, as src/backend/utils/adt/numeric.c has it.
constexpr std::int64_t kGroup = 4;				///< DEC_DIGITS: decimal digits of one of numeric's
constexpr std::int64_t kMaxScale = 0x3FFF;		///< NUMERIC_DSCALE_MASK
constexpr std::int64_t kMaxWeight = INT16_MAX;	///< of the first digit
constexpr std::int64_t kMaxShortScale = 0x3F;	///< NUMERIC_SHORT_DSCALE_MASK
constexpr std::int64_t kMaxShortWeight = 0x3F;	///< NUMERIC_SHORT_WEIGHT_MAX
constexpr std::int64_t kMinShortWeight = -0x40; ///< NUMERIC_SHORT_WEIGHT_MIN
constexpr unsigned kNegative = 0x4000;			///< NUMERIC_NEG
constexpr unsigned kShort = 0x8000;				///< NUMERIC_SHORT
constexpr unsigned kShortNegative = 0x2000;		///< NUMERIC_SHORT_SIGN_MASK
constexpr unsigned kShortScaleShift = 7;		///< NUMERIC_SHORT_DSCALE_SHIFT

std::int64_t floor_divide(std::int64_t number, std::int64_t by)
{
	return number >= 0 ? number / by : -((-number - 1) / by + 1);
}

/// The digits without the zeros at either end, and where they stand.
struct Significant {
	std::string_view digits;
	std::int64_t exponent = 0; ///< power of ten of the first one
	std::int64_t weight = 0;   ///< power of 10,000 of the group in which that stands
};

Significant significant_of(Decimal const &decimal)
{
	std::string_view digits = decimal.digits;
	std::size_t first = digits.find_first_not_of('0');
	if (first == std::string_view::npos)
		return {};
	std::int64_t exponent = decimal.point - static_cast<std::int64_t>(first) - 1;
	std::size_t last = digits.find_last_not_of('0');
	return {digits.substr(first, last - first + 1), exponent, floor_divide(exponent, kGroup)};
}

void append_word(std::string &out, unsigned word)
{
	auto bits = static_cast<std::uint16_t>(word);
	out.append(reinterpret_cast<char const *>(&bits), sizeof bits);
}

void append_header(std::string &out, bool is_negative, std::int64_t weight, std::int64_t scale)
{
	if (scale <= kMaxShortScale && weight <= kMaxShortWeight && weight >= kMinShortWeight) {
		append_word(out, kShort | (is_negative ? kShortNegative : 0) |
							 static_cast<unsigned>(scale) << kShortScaleShift |
							 (static_cast<unsigned>(weight) & 0x7FU));
	} else {
		append_word(out, (is_negative ? kNegative : 0) | static_cast<unsigned>(scale));
		append_word(out, static_cast<unsigned>(weight));
	}
}

} // namespace

void Decimal::assign(bool negative, std::string_view whole, std::string_view fraction, std::int64_t exponent)
{
	is_negative = negative;
	digits.assign(whole).append(fraction);
	point = static_cast<std::int64_t>(whole.size()) + exponent;
	scale = std::max<std::int64_t>(static_cast<std::int64_t>(fraction.size()) - exponent, 0);
}

std::int64_t Decimal::text_length() const
{
	return std::max<std::int64_t>(point, 1) + scale + 2;
}

bool fits_numeric(Decimal const &decimal)
{
	return decimal.scale <= kMaxScale && significant_of(decimal).weight <= kMaxWeight;
}

std::optional<std::int64_t> read_exponent(std::string_view digits)
{
	bool is_negative = digits.starts_with('-');
	if (is_negative || digits.starts_with('+'))
		digits.remove_prefix(1);
	if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos)
		return std::nullopt;
	std::int64_t number = 0;
	for (char c : digits)
		number = std::min(number * 10 + (c - '0'), kMaxExponent);
	return is_negative ? -number : number;
}

std::string to_text(Decimal const &decimal, char mark)
{
	std::string text(decimal.is_negative && !decimal.is_zero() ? "-" : "");
	auto size = static_cast<std::int64_t>(decimal.digits.size());
	auto append_digits = [&](std::int64_t from, std::int64_t to) {
		for (std::int64_t i = from; i < to; i++)
			text += i >= 0 && i < size ? decimal.digits[static_cast<std::size_t>(i)] : '0';
	};
	std::int64_t first =
		decimal.is_zero() ? decimal.point : static_cast<std::int64_t>(decimal.digits.find_first_not_of('0'));
	if (first >= decimal.point) {
		text += '0';
	} else {
		append_digits(first, decimal.point);
	}
	if (decimal.scale > 0) {
		text += mark;
		append_digits(decimal.point, decimal.point + decimal.scale);
	}
	return text;
}

void append_numeric(std::string &out, Decimal const &decimal)
{
	std::size_t start = out.size();
	std::uint32_t length = 0;
	out.append(sizeof length, '\0');
	Significant significant = significant_of(decimal);
	bool is_zero = significant.digits.empty();
	append_header(out, decimal.is_negative && !is_zero, significant.weight, decimal.scale);
	// the first group begins with as many zeros as the first digit stands behind its beginning
	std::int64_t at = is_zero ? 0 : significant.exponent - significant.weight * kGroup + 1 - kGroup;
	auto size = static_cast<std::int64_t>(significant.digits.size());
	for (; at < size; at += kGroup) {
		unsigned group = 0;
		for (std::int64_t i = at; i < at + kGroup; i++)
			group = group * 10 + (i >= 0 && i < size ? significant.digits[static_cast<std::size_t>(i)] - '0' : 0);
		append_word(out, group);
	}
	length = static_cast<std::uint32_t>(out.size() - start) << 2; // SET_VARSIZE on a little-endian machine
	std::memcpy(out.data() + start, &length, sizeof length);
}

} // namespace vero
