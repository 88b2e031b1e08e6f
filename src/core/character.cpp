// Small questions about single characters: letters, controls, the other case.
#include "core/character.hpp"

#include <algorithm>
#include <clocale>
#include <cwctype>
#include <iterator>

namespace vero {
namespace {

struct Range {
	char32_t first;
	char32_t last;
};

/// Controls, spaces, punctuation, symbols, private use and format characters; in ascending order.
constexpr Range not_letters[] = {
	{0x0080, 0x00A9}, {0x00AB, 0x00B4}, {0x00B6, 0x00B9}, {0x00BB, 0x00BF},	  {0x00D7, 0x00D7},	   {0x00F7, 0x00F7},
	{0x2000, 0x206F}, {0x20A0, 0x20CF}, {0x2190, 0x2BFF}, {0x2E00, 0x2E7F},	  {0x3000, 0x3004},	   {0x3008, 0x3020},
	{0xE000, 0xF8FF}, {0xFE00, 0xFE1F}, {0xFE30, 0xFE6F}, {0xFEFF, 0xFEFF},	  {0xFF01, 0xFF0F},	   {0xFF1A, 0xFF20},
	{0xFF3B, 0xFF40}, {0xFF5B, 0xFF65}, {0xFFF0, 0xFFFF}, {0x1F000, 0x1FAFF}, {0xE0000, 0x10FFFF},
};

/// Never freed: it serves as long as the process lives. Null where the C library has no such locale.
locale_t case_locale()
{
	static locale_t const locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
	return locale;
}

} // namespace

bool is_letter_beyond_ascii(char32_t character)
{
	auto const *const range =
		std::lower_bound(std::begin(not_letters), std::end(not_letters), character,
						 [](Range const &candidate, char32_t value) { return candidate.last < value; });
	return range == std::end(not_letters) || character < range->first;
}

char32_t lower_letter(char32_t character)
{
	locale_t const locale = case_locale();
	if (locale == nullptr)
		return character;
	return static_cast<char32_t>(towlower_l(static_cast<wint_t>(character), locale));
}

char32_t upper_letter(char32_t character)
{
	locale_t const locale = case_locale();
	if (locale == nullptr)
		return character;
	return static_cast<char32_t>(towupper_l(static_cast<wint_t>(character), locale));
}

} // namespace vero
