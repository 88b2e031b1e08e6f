// Numbers as plain as can be: read digit by digit from their text, and stored ones shown as text again. What the real ones are tested against.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace vero::test {

/// The text that numeric_out gives for a stored numeric (src/backend/utils/adt/numeric.c); nothing where the bytes are none that
/// make_result() would have written.
inline std::optional<std::string> show_stored_numeric(std::string_view bytes)
{
	auto const word = [bytes](std::size_t i) {
		std::uint16_t value = 0;
		std::memcpy(&value, bytes.data() + 4 + 2 * i, sizeof value);
		return value;
	};
	std::uint32_t length = 0;
	if (bytes.size() < 6 || bytes.size() % 2 != 0)
		return std::nullopt;
	std::memcpy(&length, bytes.data(), sizeof length);
	if (length != bytes.size() << 2)
		return std::nullopt;
	unsigned const header = word(0);
	bool const is_short = (header & 0x8000) != 0;
	if (!is_short && bytes.size() < 8)
		return std::nullopt;
	bool const is_negative = is_short ? (header & 0x2000) != 0 : (header & 0xC000) == 0x4000;
	int const scale = static_cast<int>(is_short ? header >> 7 & 0x3F : header & 0x3FFF);
	int const short_weight = static_cast<int>(header & 0x3F) - ((header & 0x40) != 0 ? 64 : 0);
	int const weight = is_short ? short_weight : static_cast<std::int16_t>(word(1));
	if (!is_short && scale <= 63 && weight >= -64 && weight <= 63)
		return std::nullopt; // it would be short
	std::size_t const first = is_short ? 1 : 2;
	std::size_t const count = (bytes.size() - 4) / 2 - first;
	if (count == 0 ? weight != 0 || is_negative : word(first) == 0 || word(first + count - 1) == 0)
		return std::nullopt;
	auto const group = [&](int power) {
		int const i = weight - power;
		unsigned const value = i >= 0 && i < static_cast<int>(count) ? word(first + static_cast<std::size_t>(i)) : 0;
		std::string digits = std::to_string(value);
		return digits.size() > 4 ? "?" : std::string(4 - digits.size(), '0') + digits;
	};
	std::string whole, fraction;
	for (int power = weight; power >= 0; --power)
		whole += group(power);
	whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
	for (int power = -1; - 4 * (power + 1) < scale; --power)
		fraction += group(power);
	fraction.resize(static_cast<std::size_t>(scale));
	return (is_negative ? "-" : "") + (whole.empty() ? "0" : whole) + (scale > 0 ? "." + fraction : "");
}

/// The same for the text of a number without groups, whose decimal mark is '.': sign, digits, mark, digits, exponent. Zeros before the
/// first digit go, those behind the last one stay; nothing where it is no such text.
inline std::optional<std::string> show_plain_number(std::string_view text)
{
	bool const is_negative = !text.empty() && text[0] == '-';
	if (is_negative || (!text.empty() && text[0] == '+'))
		text.remove_prefix(1);
	std::string digits;
	std::optional<int> point;
	std::size_t i = 0;
	for (; i < text.size() && (text[i] == '.' || (text[i] >= '0' && text[i] <= '9')); ++i) {
		if (text[i] != '.')
			digits += text[i];
		else if (point)
			return std::nullopt;
		else
			point = static_cast<int>(digits.size());
	}
	if (digits.empty())
		return std::nullopt;
	int at = point.value_or(static_cast<int>(digits.size()));
	if (i < text.size()) {
		if (text[i] != 'e' && text[i] != 'E')
			return std::nullopt;
		bool const is_down = ++i < text.size() && text[i] == '-';
		if (i < text.size() && (text[i] == '-' || text[i] == '+'))
			++i;
		if (i == text.size())
			return std::nullopt;
		int exponent = 0;
		for (; i < text.size(); ++i) {
			if (text[i] < '0' || text[i] > '9')
				return std::nullopt;
			exponent = exponent > 100'000 ? exponent : exponent * 10 + (text[i] - '0');
		}
		at += is_down ? -exponent : exponent;
	}
	if (at < 0) {
		digits.insert(0, static_cast<std::size_t>(-at), '0');
		at = 0;
	}
	if (at > static_cast<int>(digits.size()))
		digits.append(static_cast<std::size_t>(at) - digits.size(), '0');
	std::string whole = digits.substr(0, static_cast<std::size_t>(at)),
				fraction = digits.substr(static_cast<std::size_t>(at));
	whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
	bool const is_zero = digits.find_first_not_of('0') == std::string::npos;
	return (is_negative && !is_zero ? "-" : "") + (whole.empty() ? "0" : whole) +
		   (fraction.empty() ? "" : "." + fraction);
}

} // namespace vero::test
