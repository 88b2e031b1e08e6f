// Single characters: ASCII, UTF-8 taken apart and put together, and what Unicode says of them (letters, dashes, what is not seen).
#include "core/text/character.hpp"

#include <utf8proc.h>

namespace vero {
namespace {

utf8proc_category_t category(char32_t character)
{
	return utf8proc_category(static_cast<utf8proc_int32_t>(character));
}

/// Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties.txt: nothing is drawn for it.
bool is_ignorable(char32_t character)
{
	return utf8proc_get_property(static_cast<utf8proc_int32_t>(character))->ignorable != 0;
}

/// Seen, as is known without the tables: printable ASCII but the space, and what stands between the soft hyphen and the marks that
/// combine: Latin letters.
constexpr bool is_plainly_seen(char32_t character)
{
	return (character > ' ' && character < 0x7F) || (character > 0xAD && character < 0x300);
}

} // namespace

bool is_letter_beyond_ascii(char32_t character)
{
	switch (category(character)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ND:
		return !is_ignorable(character);
	default:
		return false;
	}
}

bool is_white_space(char32_t character)
{
	if (is_plainly_seen(character)) {
		return false;
	}
	switch (category(character)) {
	case UTF8PROC_CATEGORY_ZS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return true;
	default:
		return (character >= '\t' && character <= '\r') || character == 0x85;
	}
}

bool is_dash(char32_t character)
{
	// The last four are the rest of Unicode's property Dash: a swung dash, a super- and a subscript minus, and the minus sign.
	return category(character) == UTF8PROC_CATEGORY_PD || character == 0x2053 || character == 0x207B ||
		   character == 0x208B || character == 0x2212;
}

bool is_underscore(char32_t character)
{
	return category(character) == UTF8PROC_CATEGORY_PC;
}

bool is_invisible(char32_t character)
{
	if (is_plainly_seen(character)) {
		return false;
	}
	switch (category(character)) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
		return true;
	default:
		return is_ignorable(character);
	}
}

bool is_shaping(char32_t before, char32_t character, char32_t after)
{
	auto const is_drawn = [](char32_t c) { return c >= 0x80 && !is_white_space(c) && !is_invisible(c); };
	bool const is_joiner = character == 0x200C || character == 0x200D;
	bool const is_selector = (character >= 0xFE00 && character <= 0xFE0F) ||
							 (character >= 0xE0100 && character <= 0xE01EF) ||
							 (character >= 0x180B && character <= 0x180F && character != 0x180E);
	return (is_joiner && is_drawn(before) && is_drawn(after)) || (is_selector && is_drawn(before));
}

char32_t lower_letter(char32_t character)
{
	if (character < 0x80) {
		return static_cast<unsigned char>(lower_ascii(static_cast<char>(character)));
	}
	return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(character)));
}

char32_t upper_letter(char32_t character)
{
	// To utf8proc the upper case of "ß" is a capital sharp s, which hardly anybody writes; Unicode has none of one letter.
	constexpr char32_t kSharpS = 0xDF;
	return character == kSharpS ? kSharpS
								: static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(character)));
}

} // namespace vero
