// Checks the header fields of mail: what they make of any text, and that it can be read back.
#include "core/mail/mail_header.hpp"
#include "support/plain_mail.hpp"

#include <gtest/gtest.h>

namespace vero {

namespace {

using namespace test;
using namespace std::string_literals;

using Pieces = std::vector<std::string>;

std::string header(std::string_view name, Pieces const &pieces)
{
	std::string out = "kept\r\n";
	append_header(out, name, pieces);
	return out.substr(6);
}

std::string repeated(std::string_view text, std::size_t times)
{
	std::string out;
	for (std::size_t i = 0; i < times; ++i) {
		out += text;
	}
	return out;
}

std::string joined(Pieces const &pieces)
{
	std::string out;
	for (auto const &piece : pieces) {
		out += (out.empty() ? "" : " ") + piece;
	}
	return out;
}

} // namespace

TEST(MailHeader, MakesOneLineOfAnyBytes)
{
	EXPECT_EQ(to_header_text("plain"), "plain");
	EXPECT_EQ(to_header_text(" \t a\r\nBcc: x@y.z\n "), "a  Bcc: x@y.z");
	EXPECT_EQ(to_header_text("a\tb\x7F\x63\xC2\x85\x64\xE2\x80\xA8\x65\xE2\x80\xA9\x66"), "a b c d e f");
	EXPECT_EQ(to_header_text("a\0b\xFF"s), "a\xEF\xBF\xBD\x62\xEF\xBF\xBD");
	EXPECT_EQ(to_header_text("\r\n"), "");
	EXPECT_EQ(to_header_text("\xC2\xA0 gr\xC3\xBC\xC3\x9F\x65"), "\xC2\xA0 gr\xC3\xBC\xC3\x9F\x65");
}

TEST(MailHeader, KnowsPlainText)
{
	EXPECT_TRUE(is_plain_header_text(""));
	EXPECT_TRUE(is_plain_header_text(" !~ = ? ?= =\" <x>"));
	EXPECT_FALSE(is_plain_header_text("=?UTF-8?Q?x?="));
	EXPECT_FALSE(is_plain_header_text("a=?b"));
	EXPECT_FALSE(is_plain_header_text("\xC3\xA9"));
	EXPECT_FALSE(is_plain_header_text("a\tb"));
	EXPECT_FALSE(is_plain_header_text("a\x7F"));
}

TEST(MailHeader, EncodesWordsInTheShorterWay)
{
	EXPECT_EQ(to_encoded_words("caf\xC3\xA9 au lait"), Pieces{"=?UTF-8?Q?caf=C3=A9_au_lait?="});
	EXPECT_EQ(to_encoded_words("\xE4\xB8\xAD\xE6\x96\x87"), Pieces{"=?UTF-8?B?5Lit5paH?="});
	EXPECT_EQ(to_encoded_words("a?=_\"(b"), Pieces{"=?UTF-8?B?YT89XyIoYg==?="});
	EXPECT_EQ(to_encoded_words("abcdefghijklmnop_\""), Pieces{"=?UTF-8?Q?abcdefghijklmnop=5F=22?="});
	EXPECT_EQ(to_encoded_words(""), Pieces{});
}

TEST(MailHeader, SplitsLongTextsBetweenCharacters)
{
	for (auto const *const letter : {"x=", "\xC3\xA9", "\xE4\xB8\xAD", "\xF0\x9F\x98\x80", "a\xC3\xA9", "\" "}) {
		auto const text = repeated(letter, 100);
		for (std::size_t const first_limit : {24, 25, 31, 68, 75}) {
			auto const words = to_encoded_words(text, first_limit);
			EXPECT_LE(words.front().size(), first_limit);
			EXPECT_EQ(decode_words(joined(words)), text) << letter << first_limit;
			// Each but the first and the last is as long as it can be.
			for (std::size_t i = 1; i + 1 < words.size(); ++i) {
				EXPECT_GE(words[i].size(), 60) << words[i];
			}
		}
	}
}

TEST(MailHeader, FoldsPlainTextBetweenWords)
{
	EXPECT_EQ(to_unstructured("", 67), Pieces{});
	EXPECT_EQ(to_unstructured("one", 67), Pieces{"one"});
	EXPECT_EQ(to_unstructured("one two, three", 67), (Pieces{"one", "two,", "three"}));
	std::string const longest(70, 'x');
	EXPECT_EQ(to_unstructured("a " + longest, 67), (Pieces{"a", longest}));
}

TEST(MailHeader, EncodesWhatPlainWordsCannotSay)
{
	for (auto const &text : {"two  spaces"s, "a " + std::string(71, 'x'), std::string(500, 'x'), "=?UTF-8?Q?x?="s,
							 "gr\xC3\xBC\xC3\x9F\x65 an  alle"s}) {
		auto const pieces = to_unstructured(text, 67);
		EXPECT_TRUE(pieces.front().starts_with("=?UTF-8?")) << text;
		EXPECT_LE(pieces.front().size(), 67);
		EXPECT_EQ(decode_words(joined(pieces)), text);
	}
}

TEST(MailHeader, WritesParameters)
{
	auto const read_back = [](Pieces const &pieces) { return parameter_of("x; " + joined(pieces), "filename"); };
	EXPECT_EQ(to_parameter("filename", "rejects-7.csv"), Pieces{"filename=\"rejects-7.csv\""});
	EXPECT_EQ(to_parameter("filename", "a;b c'*%.csv"), Pieces{"filename=\"a;b c'*%.csv\""});
	EXPECT_EQ(to_parameter("filename", ""), Pieces{"filename=\"\""});
	EXPECT_EQ(to_parameter("filename", "\xC3\xA9.csv"), Pieces{"filename*=UTF-8''%C3%A9.csv"});
	EXPECT_EQ(to_parameter("filename", "a\"b"), Pieces{"filename*=UTF-8''a%22b"});
	EXPECT_EQ(to_parameter("filename", "a\\\xC3\xA9%*'"), Pieces{"filename*=UTF-8''a%5C%C3%A9%25%2A%27"});
	EXPECT_EQ(to_parameter("filename", std::string(55, 'x')).size(), 1);
	for (auto const &value : {std::string(56, 'x'), std::string(600, 'x'), repeated("\xF0\x9F\x98\x80", 200),
							  repeated("a\xC3\xA9 \";=", 30), "=?UTF-8?Q?x?="s}) {
		auto const pieces = to_parameter("filename", value);
		EXPECT_EQ(read_back(pieces), value);
		for (auto const &piece : pieces) {
			EXPECT_LE(piece.size(), 75);
			EXPECT_EQ(piece.ends_with(';'), &piece != &pieces.back());
		}
	}
}

TEST(MailHeader, FoldsBetweenPieces)
{
	EXPECT_EQ(header("Subject", {}), "Subject:\r\n");
	EXPECT_EQ(header("Subject", {"a", "b"}), "Subject: a b\r\n");
	std::string const half(33, 'x'); // "Subject:", two spaces and two halves are 76
	EXPECT_EQ(header("Subject", {half, half}), "Subject: " + half + " " + half + "\r\n");
	EXPECT_EQ(header("Subject", {half, half + "y", "z"}), "Subject: " + half + "\r\n " + half + "y z\r\n");
	// A piece that is too long stands on a line of its own, but never is the name alone on one.
	std::string const too_long(200, 'x');
	EXPECT_EQ(header("To", {too_long, too_long}), "To: " + too_long + "\r\n " + too_long + "\r\n");
	std::string out;
	append_header(out, "A", "b");
	EXPECT_EQ(out, "A: b\r\n");
}

} // namespace vero
