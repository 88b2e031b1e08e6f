// Checks text: trimming, showing, clipping, folding, unescaping, lower case.
#include "core/text/text.hpp"

#include <gtest/gtest.h>

namespace vero {

namespace {

using namespace std::string_literals;

std::string lower(std::string_view text)
{
	std::string out;
	append_lower(out, text);
	return out;
}

} // namespace

TEST(Text, TrimsSpacesAndTabsAtTheEndsOnly)
{
	EXPECT_EQ(trim(""), "");
	EXPECT_EQ(trim(" \t "), "");
	EXPECT_EQ(trim("a"), "a");
	EXPECT_EQ(trim("\t a b\t"), "a b");
	EXPECT_EQ(trim("\n a\r\n"), "\n a\r\n");
	EXPECT_EQ(trim("\xC2\xA0"), "\xC2\xA0");
	EXPECT_EQ(trim(" \0 "s), "\0"s);
}

TEST(Text, FindsAByteBeyondAsciiAtEveryPosition)
{
	for (std::size_t size = 0; size < 50; ++size) {
		std::string text(size, '\x7F');
		EXPECT_TRUE(is_ascii(text));
		for (std::size_t i = 0; i < size; ++i) {
			text[i] = '\x80';
			EXPECT_FALSE(is_ascii(text)) << size << ' ' << i;
			text[i] = '\0';
		}
		EXPECT_TRUE(is_ascii(text));
	}
}

TEST(Text, CountsCharactersNotBytes)
{
	EXPECT_EQ(utf8_length(""), 0U);
	EXPECT_EQ(utf8_length("abc"), 3U);
	EXPECT_EQ(utf8_length("\0"s), 1U);
	EXPECT_EQ(utf8_length("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), 3U);
	std::string text;
	for (std::size_t length = 0; length < 50; ++length) {
		EXPECT_EQ(utf8_length(text), length) << text;
		text += length % 4 == 0	  ? "a"
				: length % 4 == 1 ? "\xC3\xA9"
				: length % 4 == 2 ? "\xE2\x82\xAC"
								  : "\xF0\x9F\x98\x80";
	}
}

TEST(Text, KnowsPairsOfBytesAtEveryPlaceOfAWord)
{
	for (unsigned pair = 0; pair < 0x10000; ++pair) {
		auto const first = static_cast<char>(pair >> 8), second = static_cast<char>(pair & 0xFF);
		bool const is_pair = pair >> 8 >= 0xC2 && pair >> 8 <= 0xDF && (pair & 0xC0) == 0x80;
		bool const is_ascii = (pair & 0x8080) == 0;
		for (std::size_t place = 0; place < 8; place += 2) {
			std::string text = "\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4";
			text[place] = first;
			text[place + 1] = second;
			ASSERT_EQ(is_utf8(text), is_pair || is_ascii) << pair << ' ' << place;
		}
	}
}

TEST(Text, ShowsOneReplacementForEachMaximalSubpart)
{
	std::string const r = "\xEF\xBF\xBD";
	EXPECT_EQ(to_printable(""), "");
	EXPECT_EQ(to_printable("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\n"), "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\n");
	EXPECT_EQ(to_printable("a\0b"s), "a" + r + "b");
	EXPECT_EQ(to_printable("\xFF\xFE"), r + r);
	EXPECT_EQ(to_printable("\xE2\x82"), r);
	EXPECT_EQ(to_printable("\xE2\x82z"), r + "z");
	EXPECT_EQ(to_printable("\xF0\x9F\x98"), r);
	// Tables 3-8 to 3-11 of Unicode 15, section 3.9.
	EXPECT_EQ(to_printable("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"), r + r + r + r + r + r + r + r + "A");
	EXPECT_EQ(to_printable("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41"), r + r + r + r + r + r + r + r + "A");
	EXPECT_EQ(to_printable("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42"), r + r + r + r + r + "A" + r + r + "B");
	EXPECT_EQ(to_printable("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"), r + r + r + r + "A");
}

TEST(Text, ClipsBetweenCharacters)
{
	EXPECT_EQ(clip("", 0), "");
	EXPECT_EQ(clip("abc", 3), "abc");
	EXPECT_EQ(clip("abcd", 3), "abc...");
	EXPECT_EQ(clip("a", 0), "...");
	EXPECT_EQ(clip("\xC3\xA9\xC3\xA9\xC3\xA9", 2), "\xC3\xA9\xC3\xA9...");
	EXPECT_EQ(clip("\xC3\xA9\xC3\xA9", 2), "\xC3\xA9\xC3\xA9");
	EXPECT_EQ(clip("\xF0\x9F\x98\x80z", 1), "\xF0\x9F\x98\x80...");
}

TEST(Text, UnescapesTheQuoteAndTheEscapeOnly)
{
	EXPECT_EQ(unescape("", '"', '"'), "");
	EXPECT_EQ(unescape("plain", '"', '"'), "plain");
	EXPECT_EQ(unescape(R"(say ""hi"")", '"', '"'), R"(say "hi")");
	EXPECT_EQ(unescape(R"("""")", '"', '"'), R"("")");
	EXPECT_EQ(unescape(R"(""")", '"', '"'), R"("")");
	EXPECT_EQ(unescape(R"(say \"hi\")", '"', '\\'), R"(say "hi")");
	EXPECT_EQ(unescape(R"(a\\b)", '"', '\\'), R"(a\b)");
	EXPECT_EQ(unescape(R"(\\")", '"', '\\'), R"(\")");
	EXPECT_EQ(unescape(R"(a\nb)", '"', '\\'), R"(a\nb)");
	EXPECT_EQ(unescape(R"(\n\")", '"', '\\'), R"(\n")");
	EXPECT_EQ(unescape(R"(a\)", '"', '\\'), R"(a\)");
	EXPECT_EQ(unescape(R"(\\\)", '"', '\\'), R"(\\)");
	// The quote stands behind the view.
	EXPECT_EQ(unescape(std::string_view(R"(a\")", 2), '"', '\\'), R"(a\)");
	EXPECT_EQ(unescape("a\0\"\""s, '"', '"'), "a\0\""s);
}

TEST(Text, LowersLetterByLetter)
{
	EXPECT_EQ(lower(""), "");
	EXPECT_EQ(lower("@AZ[`az{09\x7F"), "@az[`az{09\x7F");
	EXPECT_EQ(lower("ABCDEFGHIJKLMNOPQRSTUVWXYZ.Example.COM"), "abcdefghijklmnopqrstuvwxyz.example.com");
	EXPECT_EQ(lower("M\xC3\x9CLLER@\xC3\x89.DE"), "m\xC3\xBCller@\xC3\xA9.de");
	EXPECT_EQ(lower("\xD0\x96\xCE\xA9"), "\xD0\xB6\xCF\x89");
	EXPECT_EQ(lower("\xC3\x9F\xC3\x97\xE4\xB8\xAD\xF0\x9F\x98\x80"), "\xC3\x9F\xC3\x97\xE4\xB8\xAD\xF0\x9F\x98\x80");
	// U+10400 in four bytes; U+212A, the Kelvin sign, gets shorter.
	EXPECT_EQ(lower("\xF0\x90\x90\x80"), "\xF0\x90\x90\xA8");
	EXPECT_EQ(lower("\xE2\x84\xAA"), "k");
}

TEST(Text, LowersIntoWhatIsThere)
{
	std::string out = "KEPT ";
	append_lower(out, "A\xC3\x84");
	append_lower(out, "");
	append_lower(out, "B");
	EXPECT_EQ(out, "KEPT a\xC3\xA4"
				   "b");
}

TEST(Text, ClipsWhatIsShown)
{
	std::string const long_enough(kShownLength, 'x');
	EXPECT_EQ(clip_printable(long_enough), long_enough);
	EXPECT_EQ(clip_printable(long_enough + "y"), long_enough + "...");
	EXPECT_EQ(clip_printable("a\xFFz\xC3\xBC"), "a\uFFFDz\xC3\xBC");
	// of the widest characters, one is cut in two where the bytes are
	std::string wide;
	for (int i = 0; i < 1000; ++i)
		wide += "\U0001F600";
	EXPECT_EQ(clip_printable("a" + wide, 3), "a\U0001F600\U0001F600...");
	EXPECT_EQ(quote_clipped("abc", 2), "\"ab...\"");
}

TEST(Text, GroupsDigits)
{
	EXPECT_EQ(group_digits(0), "0");
	EXPECT_EQ(group_digits(999), "999");
	EXPECT_EQ(group_digits(1000), "1,000");
	EXPECT_EQ(group_digits(-123), "-123");
	EXPECT_EQ(group_digits(-1234567), "-1,234,567");
}

TEST(Text, TrimsWhatIsNotSeen)
{
	for (auto const &unseen : {""s, " "s, "\t\r\n"s, "\xC2\xA0"s, "\xE2\x80\x8B\xEF\xBB\xBF"s, "\x01\x7F"s,
							   "\xC2\x85 \xE3\x80\x80"s, "\xE2\x80\xAA\xE2\x80\xAC"s}) {
		EXPECT_EQ(trim_unseen(unseen), "") << unseen;
		for (auto const &seen : {"x"s, "x y"s, "\xC3\xA9"s,
								 "a\xE2\x80\x8B"
								 "b"s,
								 "\xF0\x9F\x98\x80"s, "\xFF"s, "\x80"s, "\xC2"s})
			EXPECT_EQ(trim_unseen(unseen + seen + unseen), seen) << seen << unseen;
	}
}

TEST(Text, KnowsWindows1252)
{
	for (auto const &text : {"Caf\xE9"s,
							 "\x93"
							 "deluxe\x94 \x80"
							 "5"s,
							 "Gr\xF6\xDF"
							 "e"s,
							 "\xC3("s})
		EXPECT_TRUE(reads_as_windows_1252(text)) << text;
	// text already, unused bytes, runs as in other alphabets, both encodings, a NUL
	for (auto const &text : {""s, "Cafe"s, "Caf\xC3\xA9"s, "\x81"s, "a\x9D"s, "\xCF\xF0\xE8\xE2\xE5\xF2"s,
							 "Gr\xC3\xB6\xDF"
							 "e"s,
							 "\xE9\0"s})
		EXPECT_FALSE(reads_as_windows_1252(text)) << text;
}

} // namespace vero
