// Small questions about single characters: letters, dashes, what is not seen, the other case.
//
// Answers come from Unicode's own tables in libutf8proc, so that they are the same on every machine, whatever its locales.
#pragma once

namespace vero {

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

/// One character to one character, whatever the language (the simple mappings of UnicodeData.txt).
char32_t lower_letter(char32_t character);
char32_t upper_letter(char32_t character);

} // namespace vero
