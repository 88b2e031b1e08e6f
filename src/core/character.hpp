// Small questions about single characters: letters, controls, the other case.
#pragma once

namespace vero {

/// Letters, digits, marks and symbols of words; for characters beyond ASCII. False for controls, spaces, punctuation, most
/// symbols, private use and format characters.
bool is_letter_beyond_ascii(char32_t character);

/// C0, DEL, C1, and the line and paragraph separators U+2028 and U+2029: what must not stand in a text of one line.
constexpr bool is_control(char32_t character)
{
	return character < 0x20 || (character >= 0x7F && character <= 0x9F) || character == 0x2028 || character == 0x2029;
}

/// As the C library's C.UTF-8 locale maps them: one character to one character, whatever the language.
char32_t lower_letter(char32_t character);
char32_t upper_letter(char32_t character);

} // namespace vero
