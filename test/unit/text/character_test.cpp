// Checks questions about single characters, and texts in the other case.
#include "core/text/character.hpp"
#include "core/text/text.hpp"

#include <gtest/gtest.h>
#include <utf8proc.h>

namespace vero {

namespace {

std::string upper(std::string_view text)
{
	std::string out = "kept ";
	append_upper(out, text);
	return out.substr(5);
}

} // namespace

TEST(Character, KnowsControls)
{
	for (char32_t const c : {0x00, 0x09, 0x0A, 0x0D, 0x1F, 0x7F, 0x80, 0x85, 0x9F, 0x2028, 0x2029}) {
		EXPECT_TRUE(is_control(c)) << static_cast<unsigned>(c);
	}
	for (char32_t const c : {0x20, 0x7E, 0xA0, 0xAD, 0x2027, 0x202A, 0x10FFFF}) {
		EXPECT_FALSE(is_control(c)) << static_cast<unsigned>(c);
	}
}

TEST(Character, KnowsLettersBeyondAscii)
{
	for (char32_t const c : {0xAA, 0xB5, 0xBA, 0xC0, 0xD6, 0xD8, 0xF8, 0x1C5, 0x301, 0x3B1, 0x660, 0x903, 0x93E, 0x4E2D,
							 0xFF21, 0x10400, 0x20000}) {
		EXPECT_TRUE(is_letter_beyond_ascii(c)) << static_cast<unsigned>(c);
	}
	// Controls, spaces, punctuation, symbols, numbers that are no digits, format characters, enclosing marks.
	for (char32_t const c :
		 {0x80,	  0xA0,	  0xA9,	  0xAB,	  0xB2,	  0xBD,	  0xD7,	  0xF7,	  0x37E,  0x387,  0x589,  0x61C,  0x1680,
		  0x2019, 0x200B, 0x200D, 0x2028, 0x202E, 0x20DD, 0x2163, 0x2460, 0x3000, 0xFEFF, 0xFF20, 0xFFFD, 0x1F600}) {
		EXPECT_FALSE(is_letter_beyond_ascii(c)) << static_cast<unsigned>(c);
	}
	// Letters and marks by category, of which nothing is seen.
	for (char32_t const c : {0x34F, 0x115F, 0x1160, 0x17B4, 0x180B, 0x3164, 0xFE0F, 0xFFA0, 0xE0100}) {
		EXPECT_FALSE(is_letter_beyond_ascii(c)) << static_cast<unsigned>(c);
	}
	// Private use, surrogates, what is not assigned, what is no character.
	for (char32_t const c : {0x378, 0xD800, 0xE000, 0xFDD0, 0xFFFF, 0x10FFFF, 0x110000}) {
		EXPECT_FALSE(is_letter_beyond_ascii(c)) << static_cast<unsigned>(c);
	}
}

TEST(Character, KnowsWhatIsNotSeen)
{
	for (char32_t const c :
		 {0x09, 0x0A, 0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2002, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000}) {
		EXPECT_TRUE(is_white_space(c)) << static_cast<unsigned>(c);
	}
	for (char32_t const c : {0x00, 0x1B, 0x7F, 0x9F, 0xAD, 0x34F, 0x61C, 0x180E, 0x200B, 0x200D, 0x202E, 0x2060, 0x2066,
							 0x3164, 0xFE0F, 0xFEFF, 0xE0020}) {
		EXPECT_TRUE(is_invisible(c)) << static_cast<unsigned>(c);
		EXPECT_FALSE(is_white_space(c)) << static_cast<unsigned>(c);
	}
	for (char32_t const c : {0x21, 0x61, 0xE9, 0x301, 0x2014, 0x4E2D, 0x1F600}) {
		EXPECT_FALSE(is_white_space(c) || is_invisible(c)) << static_cast<unsigned>(c);
	}
}

TEST(Character, KnowsLatinLettersAsTheTablesDo)
{
	for (char32_t c = 0; c < 0x400; c++) {
		auto const *property = utf8proc_get_property(static_cast<utf8proc_int32_t>(c));
		auto const category = property->category;
		bool const is_blank = category == UTF8PROC_CATEGORY_ZS || (c >= '\t' && c <= '\r') || c == 0x85;
		bool const is_unseen = category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF;
		EXPECT_EQ(is_white_space(c), is_blank) << static_cast<unsigned>(c);
		EXPECT_EQ(is_invisible(c), is_unseen || property->ignorable != 0) << static_cast<unsigned>(c);
	}
}

TEST(Character, KnowsDashesAndUnderscores)
{
	for (char32_t const c : {0x2D, 0x58A, 0x5BE, 0x2010, 0x2011, 0x2013, 0x2014, 0x2053, 0x207B, 0x208B, 0x2212, 0x301C,
							 0x30A0, 0xFE58, 0xFF0D}) {
		EXPECT_TRUE(is_dash(c)) << static_cast<unsigned>(c);
	}
	for (char32_t const c : {0x5F, 0x203F, 0xFE4D, 0xFF3F}) {
		EXPECT_TRUE(is_underscore(c)) << static_cast<unsigned>(c);
		EXPECT_FALSE(is_dash(c)) << static_cast<unsigned>(c);
	}
	for (char32_t const c : {0x2B, 0x7E, 0xAD, 0xB7, 0x2022, 0x30FC}) {
		EXPECT_FALSE(is_dash(c) || is_underscore(c)) << static_cast<unsigned>(c);
	}
}

TEST(Character, MapsOneLetterToOne)
{
	EXPECT_EQ(upper_letter(0xE9), 0xC9);
	EXPECT_EQ(lower_letter(0xC9), 0xE9);
	EXPECT_EQ(upper_letter(0xDF), 0xDF);
	EXPECT_EQ(lower_letter(0x130), U'i');
	EXPECT_EQ(upper_letter(0x3C2), 0x3A3);
	EXPECT_EQ(lower_letter(0x10400), 0x10428);
	EXPECT_EQ(upper_letter(0x4E2D), 0x4E2D);
	EXPECT_EQ(lower_letter(0x10FFFF), 0x10FFFF);
}

TEST(Character, DoesNotDependOnTheLocale)
{
	// Nothing here names one, so that a machine without locales does as well; what Turkish would do differently stays.
	EXPECT_EQ(lower_letter('I'), U'i');
	EXPECT_EQ(upper_letter('i'), U'I');
	EXPECT_EQ(lower_letter(0x1E9E), 0xDF);
	EXPECT_EQ(lower_letter(0x212A), U'k');
}

TEST(Character, WritesTextsInUpperCase)
{
	EXPECT_EQ(upper(""), "");
	EXPECT_EQ(upper("abc XYZ 1_[`{@"), "ABC XYZ 1_[`{@");
	EXPECT_EQ(upper("stra\xC3\x9F\x65 \xC3\xA9t\xC3\xA9"), "STRA\xC3\x9F\x45 \xC3\x89T\xC3\x89");
	EXPECT_EQ(upper("\xCE\xB1\xCF\x82 \xD0\xB6 \xF0\x90\x90\xA8"), "\xCE\x91\xCE\xA3 \xD0\x96 \xF0\x90\x90\x80");
	EXPECT_EQ(upper("\xC9\x90"), "\xE2\xB1\xAF"); // longer than before
	for (std::size_t size = 0; size < 40; ++size) {
		EXPECT_EQ(upper(std::string(size, 'a') + "\xC3\xA9z"), std::string(size, 'A') + "\xC3\x89Z");
	}
}

TEST(Ascii, KnowsLettersAndDigits)
{
	for (int c = 0; c < 256; ++c) {
		bool const expected = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		EXPECT_EQ(is_alphanumeric(static_cast<char>(c)), expected) << c;
		EXPECT_EQ(is_alphanumeric_or(static_cast<char>(c), "-\xC3"), expected || c == '-' || c == 0xC3) << c;
	}
}

TEST(Ascii, WritesBytesInHexadecimal)
{
	std::string out = "a";
	append_hex(out, '%', '\0');
	append_hex(out, '=', '\xFF');
	append_hex(out, '%', '/');
	EXPECT_EQ(out, "a%00=FF%2F");
}

} // namespace vero
