// Checks what counts as an e-mail address: RFC 5321 tables, lengths, letters beyond ASCII, placeholders.
#include "core/text/email_syntax.hpp"

#include "core/text/character.hpp"

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
									  "!#$%&'*+-/?^_`{|}~=@example.com",
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

TEST(Email, RefusesWhatLooksLikeAnEncodedWord)
{
	// Each is a local part by the RFC, but some readers decode it, and then it is somebody else's address.
	for (auto const *const address : {"=?UTF-8?Q?a=40b.example=3E?=@c.example", "x=?@c.example", "=?x@c.example"}) {
		EXPECT_FALSE(is_email(address)) << address;
		EXPECT_EQ(describe_email_fault(address),
				  "It holds \"=?\", which mail programs take for the beginning of an encoded word.");
	}
	EXPECT_TRUE(is_email("a=b?c?=@d.example"));
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

TEST(Email, RefusesWhatIsNoLetterBeyondAscii)
{
	for (auto const *const refused :
		 {"\u0080", "\u00A0", "\u00A9",		"\u00AB",	  "\u00B2",		"\u00D7", "\u037E", "\u061C", "\u115F",
		  "\u1680", "\u180E", "\u2000",		"\u200B",	  "\u200D",		"\u2028", "\u202E", "\u2060", "\u20AC",
		  "\u2460", "\u2800", "\u3000",		"\u3164",	  "\uE000",		"\uFE0F", "\uFEFF", "\uFF20", "\uFF0E",
		  "\uFFFD", "\uFFFF", "\U0001F600", "\U000E0041", "\U0010FFFF", "\u0378"}) {
		for (std::string const &address : {refused + std::string("a@b.c"), std::string("a") + refused + "@b.c",
										   std::string("a@") + refused + "b.c", std::string("a@b.c") + refused}) {
			EXPECT_FALSE(is_email(address)) << testing::PrintToString(address);
		}
	}
}

TEST(Email, HasOneNormalForm)
{
	auto const normal = [](std::string_view address) {
		std::string form = "kept ";
		return append_normal_email(form, address) ? form.substr(5) : "none " + form;
	};
	EXPECT_EQ(normal("ann@example.com"), "ann@example.com");
	EXPECT_EQ(normal("Ann.O'Neil+X@EXAMPLE.com"), "ann.o'neil+x@example.com");
	EXPECT_EQ(normal("Örn@BÜCHER.example"), "örn@bücher.example");
	EXPECT_EQ(normal("Jose\u0301@example.com"), "jos\u00E9@example.com");
	EXPECT_EQ(normal("J\u030C@example.com"), "\u01F0@example.com"); // only the small letter has one with its mark
	EXPECT_EQ(normal("\u212Aim@\u212B.example"), "kim@\u00E5.example");
	EXPECT_EQ(normal("İ@example.com"), "i@example.com");
	EXPECT_EQ(normal("straße@example.com"), "straße@example.com");
	EXPECT_EQ(normal(" ann@example.com"), "none kept ");
	EXPECT_EQ(normal("\u00A0ann@example.com"), "none kept ");
	EXPECT_EQ(normal(""), "none kept ");
	// One of 64 bytes whose small letters take more.
	EXPECT_EQ(normal(times(32, "\u023A") + "@example.com"), "none kept ");
	EXPECT_EQ(normal(times(21, "\u023A") + "@example.com"), times(21, "\u2C65") + "@example.com");
}

TEST(Email, NormalFormsAreTheirOwn)
{
	for (char32_t c = 0x80; c < 0x20000; ++c) {
		if (c == 0x3400) {
			c = 0xF900; // all between are Hangul and letters without case or marks
		}
		std::string address = "a";
		append_utf8(address, c);
		address += "\u0345\u0323@a";
		append_utf8(address, c);
		address += "\u0308.example";
		std::string normal;
		if (!append_normal_email(normal, address)) {
			ASSERT_FALSE(is_letter_beyond_ascii(c)) << static_cast<unsigned>(c);
			continue;
		}
		std::string again;
		ASSERT_TRUE(append_normal_email(again, normal)) << static_cast<unsigned>(c);
		ASSERT_EQ(again, normal) << static_cast<unsigned>(c);
	}
}

TEST(Email, SaysWhatIsWrong)
{
	EXPECT_EQ(describe_email_fault(" ann@example.com"), "It holds U+0020.");
	EXPECT_EQ(describe_email_fault("ann@example.com\u200B"), "It holds U+200B.");
	EXPECT_EQ(describe_email_fault("Ann <ann@example.com>"), "It holds U+0020.");
	EXPECT_EQ(describe_email_fault("<ann@example.com>"), "It holds \"<\".");
	EXPECT_EQ(describe_email_fault("\U0001F600@example.com"), "It holds U+1F600.");
	EXPECT_EQ(describe_email_fault("ann\xC3@example.com"), "It holds bytes that are not valid UTF-8.");
	EXPECT_EQ(describe_email_fault(""), "It has no \"@\".");
	EXPECT_EQ(describe_email_fault("ann"), "It has no \"@\".");
	EXPECT_EQ(describe_email_fault("a@b@example.com"), "It has more than one \"@\".");
	EXPECT_EQ(describe_email_fault(times(200, "a") + "@" + times(60, "b") + ".example"),
			  "It is longer than 254 bytes.");
	EXPECT_EQ(describe_email_fault(times(65, "a") + "@example.com"),
			  "What stands before its \"@\" is longer than 64 bytes.");
	EXPECT_EQ(describe_email_fault(times(32, "\u023A") + "@example.com"),
			  "What stands before its \"@\" is longer than 64 bytes.");
	std::string const domain =
		"Its domain must be two or more labels with dots between them, each of 1 to 63 letters, digits "
		"and hyphens, with no hyphen at an end, and the last one no number.";
	for (auto const *const address : {"a@", "a@b", "a@b.", "a@.b", "a@-b.c", "a@b.1", "a@b_c.d"}) {
		EXPECT_EQ(describe_email_fault(address), domain) << address;
	}
	std::string const local = "Before its \"@\" something must stand, without dots at an end or beside each other.";
	for (auto const *const address : {"@b.c", ".a@b.c", "a.@b.c", "a..b@c.d"}) {
		EXPECT_EQ(describe_email_fault(address), local) << address;
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
