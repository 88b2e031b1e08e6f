// An address is found in a text however it is spelled, and no other one is.
#include "core/text/address_search.hpp"

#include <gtest/gtest.h>

namespace vero {
namespace {

TEST(AddressSearch, FindsAnAddressInWhateverStandsRoundIt)
{
	for (char const *text : {"a@b.co", "A@B.CO", "x,a@b.co,2022", "\"a@b.co\"", "'a@b.co'", "<a@b.co>",
							 "mailto:a@b.co?x", "at a@b.co.", "k=a@b.co", "@ a@b.co", "x@y.zz;a@B.co\n", "a@b.co@",
							 "(a@b.co)", "-a@b.co", "*_a@b.co_*", "x='a@b.co'", "x/a@b.co"})
		EXPECT_TRUE(has_address(text, "a@b.co")) << text;
}

TEST(AddressSearch, FindsNoOther)
{
	for (char const *text : {"", "@", "a@b.com", "xa@b.co", "a@b.co.uk", "a@xb.co", "a@@b.co", "a.b.co", "a @b.co",
							 "x.a@b.co", "x-a@b.co", "x+a@b.co", "x_a@b.co", "x'a@b.co", "'x.y-a@b.co'"})
		EXPECT_FALSE(has_address(text, "a@b.co")) << text;
}

TEST(AddressSearch, PassesOverWhatIsNotSeen)
{
	for (char const *text :
		 {"\u200Ba@b.co\u200B", "\uFEFFa@b.co", "a@b.co\u00A0", "\u2060a@b.co,x", "x\u200B\u200Da@b.co\u200Dx",
		  "\\u200Ba@b.co\\u200B,F", "\\x1Ba@b.co", "x\\ta@b.co\\tx", "\\U000E0041a@b.co"})
		EXPECT_TRUE(has_address(text, "a@b.co")) << text;
	EXPECT_FALSE(has_address("\u200Bx.a@b.co", "a@b.co"));
	EXPECT_FALSE(has_address("u200Ba@b.co", "a@b.co"));
	EXPECT_FALSE(has_address("\u00E4a@b.co", "a@b.co"));
}

TEST(AddressSearch, KnowsOtherSpellingsOfLetters)
{
	EXPECT_TRUE(has_address("x;O\u0308RN@shop.example;", "\u00F6rn@shop.example"));
	EXPECT_TRUE(has_address("o'brien@shop.example", "o'brien@shop.example"));
	EXPECT_FALSE(has_address("orn@shop.example", "\u00F6rn@shop.example"));
	EXPECT_TRUE(has_address("\xff a@b.co \xfe", "a@b.co"));
}

} // namespace
} // namespace vero
