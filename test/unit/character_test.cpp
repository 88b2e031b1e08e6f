// Checks questions about single characters, and texts in the other case.
#include "core/ascii.hpp"
#include "core/character.hpp"
#include "core/text.hpp"

#include <gtest/gtest.h>

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
	for (char32_t const c : {0xAA, 0xB5, 0xBA, 0xC0, 0xD6, 0xD8, 0xF8, 0x3B1, 0x4E2D, 0xFF21, 0x20000}) {
		EXPECT_TRUE(is_letter_beyond_ascii(c)) << static_cast<unsigned>(c);
	}
	for (char32_t const c : {0x80, 0xA0, 0xA9, 0xAB, 0xD7, 0xF7, 0x2019, 0x200B, 0x2028, 0x3000, 0xE000, 0xFEFF, 0xFF20,
							 0x1F600, 0x10FFFF}) {
		EXPECT_FALSE(is_letter_beyond_ascii(c)) << static_cast<unsigned>(c);
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
