// Checks how any bytes are shown to people: on one line, with nothing that acts unseen.
#include "core/text/visible_text.hpp"

#include <gtest/gtest.h>

namespace vero {

namespace {

using namespace std::string_literals;

std::string escaped(std::string_view text)
{
	std::string out = "kept ";
	append_html_escaped(out, text);
	return out.substr(5);
}

} // namespace

TEST(VisibleText, LeavesTextAlone)
{
	for (auto const &text :
		 {""s, "plain text"s, "gr\xC3\xB6\xC3\x9F\x65 \xE4\xB8\xAD \xF0\x9F\x98\x80"s, "a\\nb"s, "<&>\"'"s,
		  // a Persian word, a heart on fire
		  "\xD9\x85\xDB\x8C\xE2\x80\x8C\xD8\xAE"s, "\xE2\x9D\xA4\xEF\xB8\x8F\xE2\x80\x8D\xF0\x9F\x94\xA5"s}) {
		EXPECT_EQ(to_visible(text), text);
	}
}

TEST(VisibleText, WritesControlCharactersOut)
{
	EXPECT_EQ(to_visible("a\nb\rc\td"), "a\\nb\\rc\\td");
	EXPECT_EQ(to_visible("\x1B[31m\x7F\x01"), "\\x1B[31m\\x7F\\x01");
	EXPECT_EQ(to_visible("\xC2\x85\xC2\x9B"), "\\u0085\\u009B");
	EXPECT_EQ(to_visible("\xE2\x80\xA8\xE2\x80\xA9"), "\\u2028\\u2029");
}

TEST(VisibleText, WritesOutWhatTurnsTheDirectionOrShowsNothing)
{
	EXPECT_EQ(to_visible("\xE2\x80\xAA\xE2\x80\xAE\xE2\x81\xA6\xE2\x81\xA9"), "\\u202A\\u202E\\u2066\\u2069");
	EXPECT_EQ(to_visible("\xD8\x9C\xE2\x80\x8E\xE2\x80\x8F"), "\\u061C\\u200E\\u200F");
	EXPECT_EQ(to_visible("\xEF\xBB\xBF\xE2\x80\x8B\xE2\x81\xA0"), "\\uFEFF\\u200B\\u2060");
	EXPECT_EQ(to_visible("kim@shop\xC2\xAD.example"), "kim@shop\\u00AD.example");
	EXPECT_EQ(to_visible("a\xE2\x80\x8D\xE2\x80\x8C"
						 "b\xEF\xB8\x8F"),
			  "a\\u200D\\u200Cb\\uFE0F");
	EXPECT_EQ(to_visible("\xD9\x85\xE2\x80\x8C \xE2\x80\x8D\xD9\x85"), "\xD9\x85\\u200C \\u200D\xD9\x85");
	EXPECT_EQ(to_visible("\xF3\xA0\x81\x81"), "\\U000E0041");
}

TEST(VisibleText, WritesOutSpacesThatAreNone)
{
	EXPECT_EQ(to_visible("a b\xC2\xA0"
						 "c\xE3\x80\x80\xE2\x80\xAF"),
			  "a b\\u00A0c\\u3000\\u202F");
}

TEST(VisibleText, ReplacesWhatIsNoText)
{
	EXPECT_EQ(to_visible("a\0b"s), "a\xEF\xBF\xBD\x62");
	EXPECT_EQ(to_visible("\xFF\xC3"), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Html, EscapesWhatMeansSomething)
{
	EXPECT_EQ(escaped(""), "");
	EXPECT_EQ(escaped("plain \xC3\xA9"), "plain \xC3\xA9");
	EXPECT_EQ(escaped("<a href=\"x\" b='y'>&amp;"), "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;");
}

TEST(Html, IsTextAgain)
{
	for (auto const &text : {""s, "plain \xC3\xA9"s, "<a href=\"x\" b='y'>&amp;"s, "&&lt"s, "a&'"s}) {
		EXPECT_EQ(undo_html_escapes(escaped(text)), text);
	}
	EXPECT_EQ(undo_html_escapes("<p>Tom &amp; Jerry&nbsp;&am"), "<p>Tom & Jerry&nbsp;&am");
}

} // namespace vero
