// Single characters: ASCII, UTF-8 taken apart and put together, and what Unicode says of them (letters, dashes, what is not seen).
//
// What is beyond ASCII is asked of Unicode's own tables in libutf8proc, so that they are the same on every machine, whatever its locales.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace vero {

constexpr bool is_digit(char c)
{
	return static_cast<unsigned char>(c - '0') < 10;
}

constexpr bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

constexpr bool is_alphanumeric(char c)
{
	return is_digit(c) || is_letter(c);
}

/// ASCII whitespace as HTML has it (WHATWG Infra).
constexpr bool is_html_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/// A letter, a digit, or one of `others`.
constexpr bool is_alphanumeric_or(char c, std::string_view others)
{
	return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
}

/// Branch-free, so that compilers turn loops over it into vector code.
constexpr char lower_ascii(char c)
{
	auto const is_upper = static_cast<unsigned char>(c - 'A') < 26;
	return static_cast<char>(c + (is_upper ? 'a' - 'A' : 0));
}

constexpr char upper_ascii(char c)
{
	auto const is_lower = static_cast<unsigned char>(c - 'a') < 26;
	return static_cast<char>(c - (is_lower ? 'a' - 'A' : 0));
}

/// Appends `mark` and the byte as two upper-case hexadecimal digits: "%2F", "=2F".
inline void append_hex(std::string &out, char mark, char c)
{
	constexpr std::string_view kDigits = "0123456789ABCDEF";
	auto const byte = static_cast<unsigned char>(c);
	out.push_back(mark);
	out.push_back(kDigits[byte >> 4U]);
	out.push_back(kDigits[byte & 0xFU]);
}

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

/// True where the 8 bytes at `bytes` are printable ASCII.
inline bool is_printable_word(char const *bytes)
{
	std::uint64_t word = 0;
	std::memcpy(&word, bytes, sizeof word);
	// no byte carries into the next one where none is above 0x7F: what is at least a space has the highest bit set then, as has DEL
	std::uint64_t const is_control = ~(word + 0x6060606060606060U) | (word + 0x0101010101010101U) | word;
	return (is_control & 0x8080808080808080U) == 0;
}

/// True where the 8 bytes at `bytes` are four well-formed characters of two bytes each, as letters of Latin, Greek and Cyrillic are.
inline bool is_word_of_pairs(char const *bytes)
{
	std::uint64_t word = 0;
	std::memcpy(&word, bytes, sizeof word);
	// the first byte of each pair is the lower one of 16 bits: a lead has 110 above its 5 bits, a continuation 10 above its 6
	bool const are_pairs = (word & 0xC0E0C0E0C0E0C0E0U) == 0x80C080C080C080C0U;
	// carries into bit 8 where the lead is at least 0xC2: less would begin an overlong form
	std::uint64_t const carried = ((word & 0x001E001E001E001EU) + 0x00FE00FE00FE00FEU) & 0x0100010001000100U;
	return are_pairs && carried == 0x0100010001000100U;
}

/// How many of the 8 bytes at `bytes` continue a character, in well-formed UTF-8.
inline std::size_t count_continuations(char const *bytes)
{
	std::uint64_t word = 0;
	std::memcpy(&word, bytes, sizeof word);
	return ((word >> 7U & ~(word >> 6U) & 0x0101010101010101U) * 0x0101010101010101U) >> 56U;
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

/// Letters, marks that combine with them, and decimal digits (LetterDigits of RFC 5892, section 2.1), for characters beyond ASCII.
/// False for what Unicode does not assign, and for letters and marks that show nothing, as the Hangul filler U+3164.
bool is_letter_beyond_ascii(char32_t character);

/// C0, DEL, C1, and the line and paragraph separators U+2028 and U+2029: what must not stand in a text of one line.
constexpr bool is_control(char32_t character)
{
	return character < 0x20 || (character >= 0x7F && character <= 0x9F) || character == 0x2028 || character == 0x2029;
}

/// Unicode's property White_Space: space, tab, line ends, no-break and other spaces of all widths but none.
bool is_white_space(char32_t character);
/// Unicode's property Dash: hyphens, dashes and minus signs of any kind.
bool is_dash(char32_t character);
/// Low lines and ties of any kind (category Pc).
bool is_underscore(char32_t character);
/// Controls, format characters (zero width, byte order mark, direction of writing) and all else that nothing is drawn for.
bool is_invisible(char32_t character);

/// True for a joiner or a variation selector that stands where it shapes what is seen: behind a character beyond ASCII that is drawn
/// (`before`), a joiner also before one (`after`), as in Persian words and emoji. Elsewhere it only hides.
bool is_shaping(char32_t before, char32_t character, char32_t after);

/// One character to one character, whatever the language (the simple mappings of UnicodeData.txt).
char32_t lower_letter(char32_t character);
char32_t upper_letter(char32_t character);

} // namespace vero
