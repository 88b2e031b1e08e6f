// Checks the cursor in a merge tag: what each of its functions takes, and what it leaves.
#include "core/campaign/tag_cursor.hpp"

#include <gtest/gtest.h>

namespace vero {

TEST(TagCursor, SkipsWhiteSpaceBeforeTokens)
{
	TagCursor cursor(" \t\n\v\f\ra  ");
	EXPECT_FALSE(cursor.is_at_end());
	EXPECT_EQ(cursor.position(), 6);
	EXPECT_EQ(cursor.next(), 'a');
	EXPECT_FALSE(cursor.skip('b'));
	EXPECT_TRUE(cursor.skip('a'));
	EXPECT_TRUE(cursor.is_at_end());
	EXPECT_EQ(cursor.position(), 9);
	EXPECT_EQ(cursor.next(), '\0');
	EXPECT_FALSE(cursor.skip('a'));
	EXPECT_TRUE(TagCursor("").is_at_end());
}

TEST(TagCursor, ReadsWords)
{
	EXPECT_EQ(TagCursor(" ab-c_1.x").read_word(), "ab-c_1");
	EXPECT_EQ(TagCursor("1a").read_word(), "1a");
	EXPECT_EQ(TagCursor("\xC3\xA9t\xC3\xA9!").read_word(), "\xC3\xA9t\xC3\xA9");
	EXPECT_EQ(TagCursor("-a").read_word(), "");
	EXPECT_EQ(TagCursor("\xE2\x80\x9Cx").read_word(), "");
	EXPECT_EQ(TagCursor("").read_word(), "");
	TagCursor cursor("a b");
	EXPECT_EQ(cursor.read_word(), "a");
	EXPECT_EQ(cursor.read_word(), "b");
	EXPECT_EQ(cursor.read_word(), "");
}

TEST(TagCursor, ReadsTextsInQuotes)
{
	EXPECT_EQ(TagCursor(" 'a \"b'c").read_quoted(), "a \"b");
	EXPECT_EQ(TagCursor("\"it's\"").read_quoted(), "it's");
	EXPECT_EQ(TagCursor("''").read_quoted(), "");
	EXPECT_EQ(TagCursor("a'b'").read_quoted(), std::nullopt);
	TagCursor cursor(" 'ab");
	EXPECT_EQ(cursor.read_quoted(), std::nullopt);
	EXPECT_EQ(cursor.position(), 1);
}

TEST(TagCursor, ReadsNumbers)
{
	EXPECT_EQ(TagCursor(" 12x").read_number(), "12");
	EXPECT_EQ(TagCursor("-12.50.1").read_number(), "-12.50");
	EXPECT_EQ(TagCursor("1.").read_number(), "1");
	EXPECT_EQ(TagCursor("1.a").read_number(), "1");
	for (auto const *const none : {"", "-", "-a", ".5", "+1", "a1"}) {
		TagCursor cursor(none);
		EXPECT_EQ(cursor.read_number(), "") << none;
		EXPECT_EQ(cursor.position(), 0) << none;
	}
}

TEST(TagCursor, DescribesTheNextCharacter)
{
	EXPECT_EQ(TagCursor(" x").describe_next(), "\"x\"");
	EXPECT_EQ(TagCursor(" ").describe_next(), "the end of the tag");
	EXPECT_EQ(TagCursor("\x1B").describe_next(), "U+001B");
	EXPECT_EQ(TagCursor("\xC2\x85").describe_next(), "U+0085");
	EXPECT_EQ(TagCursor("\xE2\x80\x9C").describe_next(), "\"\xE2\x80\x9C\" (U+201C)");
	EXPECT_EQ(TagCursor("\xF0\x9F\x98\x80").describe_next(), "\"\xF0\x9F\x98\x80\" (U+1F600)");
	// What shows nothing is written out.
	EXPECT_EQ(TagCursor("\xE2\x80\x8B").describe_next(), "\"\\u200B\" (U+200B)");
}

TEST(TagCursor, KnowsQuotesOfTypography)
{
	EXPECT_TRUE(TagCursor(" \xE2\x80\x98").is_at_curly_quote());
	EXPECT_TRUE(TagCursor("\xE2\x80\x9F").is_at_curly_quote());
	EXPECT_FALSE(TagCursor("\xE2\x80\x97").is_at_curly_quote());
	EXPECT_FALSE(TagCursor("\xE2\x80\xA0").is_at_curly_quote());
	EXPECT_FALSE(TagCursor("'").is_at_curly_quote());
	EXPECT_FALSE(TagCursor("").is_at_curly_quote());
}

TEST(TagCursor, ShowsTextsClippedAndOnOneLine)
{
	EXPECT_EQ(shown("a b"), "\"a b\"");
	EXPECT_EQ(shown("a\r\nb"), "\"a\\r\\nb\"");
	EXPECT_EQ(shown(std::string(60, 'x')), "\"" + std::string(60, 'x') + "\"");
	EXPECT_EQ(shown(std::string(61, 'x')), "\"" + std::string(60, 'x') + "...\"");
}

} // namespace vero
