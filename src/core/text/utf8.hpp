// Takes UTF-8 apart and puts it together, character by character; the questions asked of whole texts are in text.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace vero {

/// What stands at one place of a text.
struct Utf8Step {
	char32_t code_point; ///< meaningless where is_well_formed is false
	std::size_t length;	 ///< bytes of the character, or of the maximal subpart of an ill-formed one; at least 1
	bool is_well_formed;
};

/// True where none of the 8 bytes at `bytes` is above 0x7F.
inline bool is_ascii_word(char const *bytes)
{
	std::uint64_t word = 0;
	std::memcpy(&word, bytes, sizeof word);
	return (word & 0x8080808080808080U) == 0;
}

/// The character at `position`, which is less than `text.size()`. Reads nothing behind the text.
inline Utf8Step decode_utf8(std::string_view text, std::size_t position)
{
	auto const byte_at = [text](std::size_t index) { return static_cast<unsigned char>(text[index]); };
	unsigned char const lead = byte_at(position);
	if (lead < 0x80) {
		return {lead, 1, true};
	}
	if (lead < 0xC2 || lead > 0xF4) {
		return {0, 1, false};
	}
	std::size_t const length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
	// Only the second byte has bounds of its own: they shut out overlong forms, surrogates and what is above U+10FFFF.
	unsigned char lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
	unsigned char highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
	char32_t code_point = lead & (0xFFU >> (length + 1));
	for (std::size_t i = 1; i < length; ++i) {
		if (i >= text.size() - position || byte_at(position + i) < lowest || byte_at(position + i) > highest) {
			return {0, i, false};
		}
		code_point = code_point << 6 | (byte_at(position + i) & 0x3FU);
		lowest = 0x80;
		highest = 0xBF;
	}
	return {code_point, length, true};
}

/// Appends a code point as UTF-8. A surrogate becomes the three bytes of its number, which are not well-formed.
inline void append_utf8(std::string &out, char32_t code_point)
{
	auto const append = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
	auto const append_continuation = [&](unsigned shift) { append(0x80U | (code_point >> shift & 0x3FU)); };
	if (code_point < 0x80) {
		append(code_point);
	} else if (code_point < 0x800) {
		append(0xC0U | code_point >> 6);
		append_continuation(0);
	} else if (code_point < 0x10000) {
		append(0xE0U | code_point >> 12);
		append_continuation(6);
		append_continuation(0);
	} else {
		append(0xF0U | code_point >> 18);
		append_continuation(12);
		append_continuation(6);
		append_continuation(0);
	}
}

} // namespace vero
