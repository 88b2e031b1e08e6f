// Decimal numbers of any length, as people and programs write them and as PostgreSQL's numeric stores them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vero {

/// 0.DIGITS times ten to the power of `point`, with every digit that was written.
struct Decimal {
	bool is_negative = false;
	std::string digits;		///< '0' to '9'; zeros may stand at either end
	std::int64_t point = 0; ///< how many of the digits stand before the decimal point; may lie beyond either end
	std::int64_t scale = 0; ///< digits that are shown behind the point: numeric's dscale

	/// From the texts before and behind the point, either of which may be empty, and the power of ten. Keeps the memory.
	void assign(bool negative, std::string_view whole, std::string_view fraction, std::int64_t exponent);
	bool is_zero() const { return digits.find_first_not_of('0') == std::string::npos; }
	/// Length of to_text(), within a few characters.
	std::int64_t text_length() const;
};

/// Exponents that are read as what they say are between these; a larger one is read as one that is still too large for anything.
constexpr std::int64_t kMaxExponent = 1'000'000;

/// Reads `digits` behind an `e`, with or without a sign; nothing where they are something else.
std::optional<std::int64_t> read_exponent(std::string_view digits);

/// Whether PostgreSQL's numeric can hold it: 131,072 digits before the point, 16,383 behind it.
bool fits_numeric(Decimal const &decimal);

/// The text that PostgreSQL gives back for the numeric: 0.50, -12. fits_numeric() holds.
std::string to_text(Decimal const &decimal, char mark = '.');

/// Appends the numeric as numeric_in makes it, with its length word, in the machine's byte order. fits_numeric() holds.
void append_numeric(std::string &out, Decimal const &decimal);

} // namespace vero
