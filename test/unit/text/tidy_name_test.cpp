// Checks what is left out of names, and that names which are known to be tidy stay as they are.
#include "core/text/tidy_name.hpp"

#include "core/text/character.hpp"

#include <gtest/gtest.h>
#include <string>
#include <string_view>

namespace vero {
namespace {

TEST(TidyName, LeavesOutWhatIsNotSeen)
{
	EXPECT_EQ(tidy_name(" Placed  order\t"), "Placed  order");
	EXPECT_EQ(tidy_name("Placed\xC2\xA0order"), "Placed order");
	EXPECT_EQ(tidy_name("Placed order\xE2\x80\x8B"), "Placed order");
	EXPECT_EQ(tidy_name("Pla\xE2\x80\x8B"
						"ced\xC2\xAD \xE2\x80\x93 order"),
			  "Placed \xE2\x80\x93 order");
	EXPECT_EQ(tidy_name("Placed\norder"), "Placed order");
	EXPECT_EQ(tidy_name("\xD9\x85\xE2\x80\x8C\xD8\xAE a\xE2\x80\x8C"
						"b"),
			  "\xD9\x85\xE2\x80\x8C\xD8\xAE ab");
	EXPECT_EQ(tidy_name("\xFF\xC2"), "\xFF\xC2");
	EXPECT_EQ(tidy_name("\xE2\x80\x8B"), "");
	for (int c = 0; c < 256; ++c) {
		std::string const text = "a" + std::string(1, static_cast<char>(c)) + "b";
		EXPECT_EQ(is_tidy_ascii(text), c >= ' ' && c < 0x7F) << c;
		if (is_tidy_ascii(text)) {
			EXPECT_EQ(tidy_name(text), text);
		}
	}
	for (std::size_t size = 1; size < 20; ++size) {
		for (std::size_t place = 0; place < size; ++place) {
			for (int c = 0; c < 256; ++c) {
				for (char const other : {' ', '~'}) {
					std::string text(size, other);
					text[place] = static_cast<char>(c);
					ASSERT_EQ(is_tidy_ascii(text), c >= ' ' && c < 0x7F) << c << " at " << place << " of " << size;
				}
			}
		}
	}
	EXPECT_TRUE(is_tidy_ascii(""));
}

TEST(TidyName, KnowsTidyLatinLetters)
{
	for (char32_t c = 0; c < 0x3000; ++c) {
		std::string text = "a";
		append_utf8(text, c);
		text += 'b';
		EXPECT_EQ(is_tidy_latin(text), (c >= ' ' && c < 0x7F) || (c >= 0xC0 && c < 0x280))
			<< static_cast<std::uint32_t>(c);
		if (is_tidy_latin(text)) {
			EXPECT_EQ(tidy_name(text), text) << static_cast<std::uint32_t>(c);
		}
	}
	EXPECT_TRUE(is_tidy_latin(""));
	for (std::string_view const cut :
		 {"\xC3", "a\xC3", "\xC3\xC3\xA4", "\xC3z", "\xA4", "\xC3\xA4\xA4", "\xC1\xA4", "\xFF"})
		EXPECT_FALSE(is_tidy_latin(cut)) << cut;
}

} // namespace
} // namespace vero
