// Checks what counts as an e-mail address: RFC 5321 tables, lengths, letters beyond ASCII, placeholders.
#include "core/email.hpp"

#include <gtest/gtest.h>
#include <string>

namespace vero {

namespace {

std::string times(std::size_t count, char const *piece)
{
	std::string text;
	for (; count > 0; --count) {
		text += piece;
	}
	return text;
}

} // namespace

TEST(Email, AcceptsDotStringsAtDomains)
{
	for (auto const *const address : {"a@b.c",
									  "alice@example.com",
									  "first.last@sub.example.co.uk",
									  "x+tag@example.com",
									  "A@EXAMPLE.COM",
									  "1@2.x",
									  "a.b.c.d@e.f.g.h",
									  "-@a.b",
									  "--a--@a.b",
									  "a@1-2.3x",
									  "a@x--y.com",
									  "a@xn--bcher-kva.example",
									  "a@123.com",
									  "a@b.c1",
									  "a@b.1c",
									  "a@b.1-2",
									  "o'brien@example.ie",
									  "!#$%&'*+-/=?^_`{|}~@example.com",
									  "_@a.b",
									  "null@example.com"}) {
		EXPECT_TRUE(is_email(address)) << address;
	}
}

TEST(Email, RefusesWhatIsNotADotStringAtADomain)
{
	for (auto const *const address : {"",		   "a",			  "@",
									  "a@",		   "@a.b",		  "a.b",
									  "a@b",	   "a@@b.c",	  "a@b@c.d",
									  "a@b.c@",	   ".a@b.c",	  "a.@b.c",
									  "a..b@c.d",  ".@b.c",		  "a@.b.c",
									  "a@b..c",	   "a@b.c.",	  "a@.",
									  "a@..",	   "a@-b.c",	  "a@b-.c",
									  "a@b.-c",	   "a@b.c-",	  "a@-.c",
									  "a@b.-",	   "a@b.1",		  "a@1.2.3.4",
									  "a@b_c.d",   "a@b.c_d",	  "a@b+c.d",
									  "a b@c.d",   "a@b c.d",	  " a@b.c",
									  "a@b.c ",	   "a\t@b.c",	  "a@b.c\n",
									  "\"a\"@b.c", "\"a b\"@b.c", "a(c)@b.c",
									  "a@b.c(d)",  "a@[1.2.3.4]", "a@[IPv6:::1]",
									  "<a@b.c>",   "A <a@b.c>",	  "mailto:a@b.c",
									  "a,b@c.d",   "a@b.c,d@e.f", "a;b@c.d",
									  "a@b.c;",	   "a:b@c.d",	  "a\\b@c.d",
									  "a[b@c.d",   "a]b@c.d",	  "a\x7F@b.c",
									  "a\x01@b.c", "a@b.c\x7F",	  "a@b/c.d",
									  "a@b'c.d"}) {
		EXPECT_FALSE(is_email(address)) << address;
	}
	EXPECT_FALSE(is_email(std::string_view("a\0@b.c", 6)));
	EXPECT_FALSE(is_email(std::string_view("a@b.c\0", 6)));
	EXPECT_FALSE(is_email("a\uFF20b@c.com")); // a fullwidth @
}

TEST(Email, KnowsEveryAsciiCharacterOfALocalPartAndOfALabel)
{
	std::string const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	std::string const atext = letters + "!#$%&'*+-/=?^_`{|}~";
	for (int c = 0; c < 128; ++c) {
		std::string const character(1, static_cast<char>(c));
		EXPECT_EQ(is_email(character + "@b.c"), atext.find(character) != std::string::npos) << c;
		EXPECT_EQ(is_email("a@b" + character + "b.c"), (letters + "-.").find(character) != std::string::npos) << c;
		EXPECT_EQ(is_email("a@" + character + ".c"), letters.find(character) != std::string::npos) << c;
	}
}

TEST(Email, MeasuresInBytes)
{
	EXPECT_TRUE(is_email(times(64, "a") + "@b.c"));
	EXPECT_FALSE(is_email(times(65, "a") + "@b.c"));
	EXPECT_TRUE(is_email(times(31, "a.") + "aa@b.c"));
	EXPECT_FALSE(is_email(times(32, "a.") + "a@b.c"));
	EXPECT_TRUE(is_email(times(32, "\xC3\xA9") + "@b.c"));
	EXPECT_FALSE(is_email(times(32, "\xC3\xA9") + "a@b.c"));

	EXPECT_TRUE(is_email("a@" + times(63, "b") + ".c"));
	EXPECT_FALSE(is_email("a@" + times(64, "b") + ".c"));
	EXPECT_TRUE(is_email("a@b." + times(63, "c")));
	EXPECT_FALSE(is_email("a@b." + times(64, "c")));
	EXPECT_TRUE(is_email("a@" + times(21, "\xE4\xB8\xAD") + ".c"));
	EXPECT_FALSE(is_email("a@" + times(21, "\xE4\xB8\xAD") + "b.c"));

	EXPECT_TRUE(is_email("aa@" + times(125, "b.") + "c"));
	EXPECT_FALSE(is_email("aaa@" + times(125, "b.") + "c"));
}

TEST(Email, AcceptsLettersBeyondAscii)
{
	for (auto const *const address :
		 {"jos\xC3\xA9@example.com", "\xC3\xBC@\xC3\xBC.de", "\xD0\xB8\xD0\xB2@\xD0\xBF.\xD1\x80\xD1\x84",
		  "\xE7\x94\xA8\xE6\x88\xB7@\xE4\xBE\x8B.\xE5\xB9\xBF", "\xE0\xA4\xB0\xE0\xA4\xBE@\xE0\xA4\xAD.\xE0\xA4\xAD",
		  "\xF0\xA0\x80\x80@b.c"}) {
		EXPECT_TRUE(is_email(address)) << address;
	}
}

TEST(Email, KnowsTheEdgesOfWhatIsNoLetterBeyondAscii)
{
	// In pairs: the last code point that is refused or accepted, and its neighbour that is not.
	struct Edge {
		char const *accepted;
		char const *refused;
	};
	for (auto const &[accepted, refused] : {
			 Edge{"\xC2\xAA", "\xC2\xA9"},
			 {"\xC2\xAA", "\xC2\xAB"},
			 {"\xC2\xB5", "\xC2\xB4"},
			 {"\xC2\xB5", "\xC2\xB6"},
			 {"\xC2\xBA", "\xC2\xB9"},
			 {"\xC2\xBA", "\xC2\xBB"},
			 {"\xC3\x80", "\xC2\xBF"},
			 {"\xC3\x96", "\xC3\x97"},
			 {"\xC3\x98", "\xC3\x97"},
			 {"\xC3\xB6", "\xC3\xB7"},
			 {"\xC3\xB8", "\xC3\xB7"},
			 {"\xC3\x80", "\xC2\x80"},
			 {"\xC3\x80", "\xC2\xA0"},
			 {"\xE1\xBF\xBF", "\xE2\x80\x80"},
			 {"\xE2\x81\xB0", "\xE2\x81\xAF"},
			 {"\xE2\x82\x9F", "\xE2\x82\xA0"},
			 {"\xE2\x83\x90", "\xE2\x83\x8F"},
			 {"\xE2\x86\x8F", "\xE2\x86\x90"},
			 {"\xE2\xB0\x80", "\xE2\xAF\xBF"},
			 {"\xE2\xBF\xBF", "\xE3\x80\x80"},
			 {"\xE3\x80\x85", "\xE3\x80\x84"},
			 {"\xE3\x80\x87", "\xE3\x80\x88"},
			 {"\xE3\x80\xA1", "\xE3\x80\xA0"},
			 {"\xED\x9F\xBF", "\xEE\x80\x80"},
			 {"\xEF\xA4\x80", "\xEF\xA3\xBF"},
			 {"\xEF\xB7\xBF", "\xEF\xB8\x80"},
			 {"\xEF\xB8\xA0", "\xEF\xB8\x9F"},
			 {"\xEF\xBC\x90", "\xEF\xBC\x8F"},
			 {"\xEF\xBD\xA6", "\xEF\xBD\xA5"},
			 {"\xEF\xBB\xBE", "\xEF\xBB\xBF"},
			 {"\xEF\xBC\x80", "\xEF\xBB\xBF"},
			 {"\xEF\xBF\xAF", "\xEF\xBF\xB0"},
			 {"\xF0\x90\x80\x80", "\xEF\xBF\xBF"},
			 {"\xF0\x9E\xBF\xBF", "\xF0\x9F\x80\x80"},
			 {"\xF0\x9F\xAC\x80", "\xF0\x9F\xAB\xBF"},
			 {"\xF3\x9F\xBF\xBF", "\xF3\xA0\x80\x80"},
			 {"\xF3\x9F\xBF\xBF", "\xF4\x8F\xBF\xBF"},
		 }) {
		EXPECT_TRUE(is_email(std::string(accepted) + "@b.c")) << accepted;
		EXPECT_TRUE(is_email(std::string("a@b.") + accepted)) << accepted;
		EXPECT_FALSE(is_email(std::string(refused) + "@b.c")) << testing::PrintToString(std::string(refused));
		EXPECT_FALSE(is_email(std::string("a@b.") + refused)) << testing::PrintToString(std::string(refused));
	}
}

TEST(Email, ReadsNothingBehindTheAddress)
{
	std::string const text = "alice@example.com.";
	EXPECT_TRUE(is_email(std::string_view(text).substr(0, text.size() - 1)));
	// A cut character is no letter, although its rest stands behind the view.
	EXPECT_FALSE(is_email(std::string_view("a@b.c\xC3\xA9", 6)));
}

TEST(Email, KnowsPlaceholders)
{
	for (auto const *const text :
		 {"", "null", "NULL", "Null", "none", "None", "nil", "NIL", "undefined", "Undefined", "n/a", "N/A", "0"}) {
		EXPECT_TRUE(is_email_placeholder(text)) << text;
	}
	for (auto const *const text : {"blank", "nul", "nulll", "na", "n.a",
								   "N\x0F"
								   "A",
								   "00", "1", "-", "none@example.com", "null ", "unknown", "\xCE\x9Dull"}) {
		EXPECT_FALSE(is_email_placeholder(text)) << text;
	}
}

} // namespace vero
