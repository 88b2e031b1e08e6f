// What readers and writers of times share: the cursor, fractions as PostgreSQL rounds them, names of days and months, letters of layouts.
#pragma once

#include "core/text/character.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

namespace vero {

constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kMicrosPerSecond = 1'000'000;
/// Offsets go from -15:59 to +15:59, as PostgreSQL's do.
constexpr std::int32_t kMaxOffsetHours = 15;

constexpr std::array<std::string_view, 7> kDayNames{"Sunday",	"Monday", "Tuesday", "Wednesday",
													"Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonthNames{"January",	"February", "March",	"April",
													   "May",		"June",		"July",		"August",
													   "September", "October",	"November", "December"};
constexpr std::size_t kShortName = 3; // characters

/// What a letter of strptime stands for that is made of others; nothing for other letters.
constexpr std::string_view layout_of(char letter)
{
	switch (letter) {
	case 'F':
		return "%Y-%m-%d";
	case 'T':
		return "%H:%M:%S";
	case 'D':
		return "%m/%d/%y";
	case 'R':
		return "%H:%M";
	default:
		return {};
	}
}

/// Reads a text from left to right, and holds what is left of it.
class TimeCursor {
public:
	explicit TimeCursor(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

	bool is_at_end() const { return at_ == end_; }
	bool is_at(char c) const { return at_ != end_ && *at_ == c; }
	bool is_at_digit() const { return at_ != end_ && is_digit(*at_); }
	bool has_ahead(char c) const { return std::find(at_, end_, c) != end_; }
	std::string_view rest() const { return {at_, static_cast<std::size_t>(end_ - at_)}; }

	bool skip(char c)
	{
		bool const found = is_at(c);
		at_ += found ? 1 : 0;
		return found;
	}

	/// At most as many bytes as there are.
	void skip_bytes(std::size_t count) { at_ += count; }

	bool skip_spaces()
	{
		char const *const start = at_;
		while (skip(' ')) {
		}
		return at_ != start;
	}

	/// An ASCII word, in any case; `word` is in capitals.
	bool skip_word(std::string_view word)
	{
		auto const matches = [](char letter, char c) { return (c & ~0x20) == letter; };
		if (static_cast<std::size_t>(end_ - at_) < word.size() || !std::equal(word.begin(), word.end(), at_, matches)) {
			return false;
		}
		at_ += word.size();
		return true;
	}

	/// Reads two digits into `value`.
	bool read_two(std::int32_t &value)
	{
		if (end_ - at_ < 2 || !is_digit(at_[0]) || !is_digit(at_[1])) {
			return false;
		}
		value = (at_[0] - '0') * 10 + (at_[1] - '0');
		at_ += 2;
		return true;
	}

	/// All digits from here on; possibly none.
	std::string_view take_digits()
	{
		char const *const start = at_;
		at_ = std::find_if_not(at_, end_, is_digit);
		return {start, static_cast<std::size_t>(at_ - start)};
	}

private:
	char const *at_;
	char const *end_;
};

/// The digits behind a point, as PostgreSQL rounds them: rint(strtod(".ddd") * 1000000). `units` is what a whole is, otherwise a million.
inline std::int64_t round_fraction(std::string_view digits, double units = 1e6)
{
	static constexpr double kPowersOfTen[] = {1e0, 1e1, 1e2,  1e3,	1e4,  1e5,	1e6,  1e7,
											  1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
	double fraction = 0;
	if (digits.size() < std::size(kPowersOfTen)) {
		// Both numbers are exact, so their quotient is the double nearest to the decimal: what strtod gives.
		std::int64_t number = 0;
		for (char const digit : digits) {
			number = number * 10 + (digit - '0');
		}
		fraction = static_cast<double>(number) / kPowersOfTen[digits.size()];
	} else {
		// What is too small for a double stays 0.
		std::string const decimal = "." + std::string(digits);
		std::from_chars(decimal.data(), decimal.data() + decimal.size(), fraction, std::chars_format::fixed);
	}
	return std::llrint(fraction * units);
}

} // namespace vero
