// Checks which names are the same name.
#include "core/text/character.hpp"
#include "core/text/name_folding.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace vero {

namespace {

void expect_same(std::vector<std::string> const &names)
{
	for (std::string const &name : names) {
		EXPECT_EQ(fold_name(name), fold_name(names.front())) << name;
	}
}

} // namespace

TEST(NameFolding, FoldsAscii)
{
	EXPECT_EQ(fold_name(""), "");
	EXPECT_EQ(fold_name(" _-\t\r\n\v\f\x01\x7F"), "");
	EXPECT_EQ(fold_name("E-Mail Address"), "emailaddress");
	EXPECT_EQ(fold_name("Event_Name"), "eventname");
	EXPECT_EQ(fold_name("AZaz@[`{09"), "azaz@[`{09");
	EXPECT_EQ(fold_name(std::string("a\0b", 3)), "ab");
}

TEST(NameFolding, FoldsCaseInAllLanguages)
{
	expect_same({"straße", "STRASSE", "Strasse", "STRAẞE"});
	expect_same({"ΟΔΟΣ", "οδος", "οδοσ"});
	expect_same({"Übergröße", "ÜBERGRÖSSE", "übergrösse"});
	expect_same({"ЗАКАЗ", "заказ"});
	expect_same({"ﬁnal", "FINAL"});
	expect_same({"Ǆ", "ǅ", "ǆ"});
	expect_same({"\U00010400", "\U00010428"});
	// Whether a letter has a dot is no matter of case where the language is not known.
	EXPECT_NE(fold_name("ı"), fold_name("i"));
	EXPECT_NE(fold_name("é"), fold_name("e"));
}

TEST(NameFolding, LeavesOutSpacesAndDashesOfAnyKind)
{
	expect_same({"Placed order", "placed_order", "Placed-Order", "placedorder", "Placed\u00A0order",
				 "Placed \u2013 order", "Placed\u2014order", "Placed\u2212order", "Placed\u2011order",
				 "Placed\u3000order", "Placed\u202Forder", "Placed\u2028order", "Placed\u0085order",
				 "Placed\uFF3Forder", "Placed\u203Forder", "Placed\uFE58order"});
	EXPECT_EQ(fold_name("\u2014\u00A0\uFF3F"), "");
}

TEST(NameFolding, LeavesOutWhatIsNotSeen)
{
	expect_same({"Placed order", "Placed order\u200B", "\uFEFFPlaced order", "Placed\u00ADorder",
				 "\u202APlaced order\u202C", "Placed\u2060order", "Placed\uFE0Forder", "Placed\u3164order"});
}

TEST(NameFolding, KnowsOneSpellingOfLettersWithMarks)
{
	expect_same({"Caf\u00E9", "Cafe\u0301", "CAFE\u0301"});
	expect_same({"\u212B", "\u00C5", "A\u030A", "a\u030A"});
	expect_same({"\uAC00", "\u1100\u1161"});
	// Case folding alone would tell these apart: the iota below the letter becomes a letter, and the accent stays behind it.
	expect_same({"\u1FB4", "\u03B1\u0345\u0301", "\u03B1\u0301\u0345"});
	EXPECT_EQ(fold_name("E\u0301"), "\u00E9");
}

TEST(NameFolding, FoldsOnlyAsciiOfOtherBytes)
{
	EXPECT_EQ(fold_name("\xE9T\xE9 A_b"), "\xE9t\xE9"
										  "ab");
	EXPECT_EQ(fold_name("\xC3"), "\xC3");
}

TEST(NameFolding, FoldingTwiceChangesNothing)
{
	for (char32_t c = 0; c < 0x20000; ++c) {
		if (c == 0x3400) {
			c = 0xF900; // all between are Hangul and letters without case or marks
		}
		std::string name = "\u0308";
		append_utf8(name, c);
		name += "\u0345\u0301";
		std::string const folded = fold_name(name);
		ASSERT_EQ(fold_name(folded), folded) << static_cast<unsigned>(c);
	}
}

TEST(NameFolding, TakesManyMarks)
{
	std::string name = "a";
	for (int i = 0; i < 500'000; ++i) {
		name += i % 2 == 0 ? "\u0301" : "\u0323";
	}
	auto const start = std::chrono::steady_clock::now();
	// One mark of each kind joins the letter, as far as there are such letters: a with a dot below and an acute above.
	// The letter takes one mark, those below it stand before those above it, and none is lost.
	std::string const folded = fold_name(name);
	EXPECT_EQ(folded.substr(0, 7), "\u1EA1\u0323\u0323");
	EXPECT_EQ(folded.size(), name.size());
	// A second or two, with sanitizers; sorted one by one as utf8proc does they take minutes.
	EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
}

} // namespace vero
