// Checks line ends, quoted-printable and base64, against RFC 2045 and RFC 4648.
#include "core/mail/mime_encoding.hpp"
#include "support/plain_mime.hpp"

#include <gtest/gtest.h>
#include <random>

namespace vero {

namespace {

using namespace test;
using namespace std::string_literals;

std::string quoted_printable(std::string_view lines)
{
	std::string out;
	append_quoted_printable(out, lines);
	return out;
}

std::string base64(std::string_view bytes)
{
	std::string out;
	append_base64(out, bytes);
	return out;
}

std::string base64_lines(std::string_view bytes)
{
	std::string out;
	append_base64_lines(out, bytes);
	return out;
}

} // namespace

TEST(MimeEncoding, EndsLinesWithCrlf)
{
	EXPECT_EQ(to_mail_lines(""), "");
	EXPECT_EQ(to_mail_lines("a"), "a\r\n");
	EXPECT_EQ(to_mail_lines("a\nb\rc\r\nd"), "a\r\nb\r\nc\r\nd\r\n");
	EXPECT_EQ(to_mail_lines("a\r\n"), "a\r\n");
	EXPECT_EQ(to_mail_lines("\n"), "\r\n");
	EXPECT_EQ(to_mail_lines("\n\r"), "\r\n\r\n");
	EXPECT_EQ(to_mail_lines("\r\r\n\n"), "\r\n\r\n\r\n");
	EXPECT_EQ(to_mail_lines(" \0\xFF"s), " \0\xFF\r\n"s);
}

TEST(MimeEncoding, QuotesWhatIsNotPrintable)
{
	EXPECT_EQ(quoted_printable("plain ~!\r\n"), "plain ~!\r\n");
	EXPECT_EQ(quoted_printable("a=b\r\n"), "a=3Db\r\n");
	EXPECT_EQ(quoted_printable("\xC3\xA9\x7F\x01\r\n"), "=C3=A9=7F=01\r\n");
	EXPECT_EQ(quoted_printable("a\0b\r\n"s), "a=00b\r\n");
	EXPECT_EQ(quoted_printable("a\tb c\r\n"), "a\tb c\r\n");
	EXPECT_EQ(quoted_printable(""), "");
	EXPECT_EQ(quoted_printable("\r\n\r\n"), "\r\n\r\n");
}

TEST(MimeEncoding, QuotesWhiteSpaceAtTheEndOfALine)
{
	EXPECT_EQ(quoted_printable("a \r\n\t\r\n"), "a=20\r\n=09\r\n");
	EXPECT_EQ(quoted_printable("a  \r\n"), "a =20\r\n");
}

TEST(MimeEncoding, QuotesWhatSoftwareWouldChangeAtTheBeginningOfALine)
{
	EXPECT_EQ(quoted_printable(".\r\n..\r\na.\r\n"), "=2E\r\n=2E.\r\na.\r\n");
	EXPECT_EQ(quoted_printable("From me\r\n>From me\r\nFromage\r\n"), "=46rom me\r\n>From me\r\nFromage\r\n");
	// A line that comes about by breaking one is such a line too.
	EXPECT_EQ(quoted_printable(std::string(75, 'x') + ".y\r\n"), std::string(75, 'x') + "=\r\n=2Ey\r\n");
	EXPECT_EQ(quoted_printable(std::string(75, 'x') + "From y\r\n"), std::string(75, 'x') + "=\r\n=46rom y\r\n");
}

TEST(MimeEncoding, BreaksLinesAt76)
{
	EXPECT_EQ(quoted_printable(std::string(76, 'x') + "\r\n"), std::string(76, 'x') + "\r\n");
	EXPECT_EQ(quoted_printable(std::string(77, 'x') + "\r\n"), std::string(75, 'x') + "=\r\nxx\r\n");
	EXPECT_EQ(quoted_printable(std::string(73, 'x') + "\xC3\r\n"), std::string(73, 'x') + "=C3\r\n");
	EXPECT_EQ(quoted_printable(std::string(74, 'x') + "\xC3\r\n"), std::string(74, 'x') + "=\r\n=C3\r\n");
	EXPECT_EQ(quoted_printable(std::string(72, 'x') + "\xC3y\r\n"), std::string(72, 'x') + "=C3y\r\n");
	EXPECT_EQ(quoted_printable(std::string(73, 'x') + "\xC3y\r\n"), std::string(73, 'x') + "=\r\n=C3y\r\n");
	EXPECT_EQ(quoted_printable(std::string(75, 'x') + " \r\n"), std::string(75, 'x') + "=\r\n=20\r\n");
}

TEST(MimeEncoding, GivesTheTextBackFromQuotedPrintable)
{
	std::mt19937 random(1);
	std::string_view const pieces[] = {"x", " ", "\t", ".", "=", "From ", "\n", "\r", "\xC3\xA9", "abcdefghij", "\x01"};
	for (int round = 0; round < 2000; ++round) {
		std::string text;
		for (auto count = random() % 60; count > 0; --count) {
			text += pieces[random() % std::size(pieces)];
		}
		auto const lines = to_mail_lines(text);
		ASSERT_EQ(lines, mail_lines_plain(text));
		auto const encoded = quoted_printable(lines);
		ASSERT_EQ(decode_quoted_printable(split_lines(encoded)), lines) << testing::PrintToString(text);
		ASSERT_EQ(encoded.find("=_"), std::string::npos);
	}
}

TEST(MimeEncoding, WritesBase64)
{
	// RFC 4648, section 10.
	EXPECT_EQ(base64(""), "");
	EXPECT_EQ(base64("f"), "Zg==");
	EXPECT_EQ(base64("fo"), "Zm8=");
	EXPECT_EQ(base64("foo"), "Zm9v");
	EXPECT_EQ(base64("foob"), "Zm9vYg==");
	EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
	EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
	EXPECT_EQ(base64("\0\xFF\xFB\xEF"s), "AP/77w==");
}

TEST(MimeEncoding, WritesBase64InLines)
{
	EXPECT_EQ(base64_lines(""), "");
	EXPECT_EQ(base64_lines("f"), "Zg==\r\n");
	std::string all;
	for (std::size_t size = 0; size < 300; ++size) {
		auto const lines = split_lines(base64_lines(all));
		for (std::size_t i = 0; i < lines.size(); ++i) {
			EXPECT_TRUE(lines[i].size() == 76 || (i + 1 == lines.size() && lines[i].size() < 76));
		}
		EXPECT_EQ(decode_base64(join_lines(lines, "")), all);
		all.push_back(static_cast<char>(size * 7));
	}
}

TEST(MimeEncoding, ChoosesTheShorterEncoding)
{
	EXPECT_EQ(choose_encoding(""), TransferEncoding::quoted_printable);
	EXPECT_EQ(choose_encoding("a\r\nb\r\n"), TransferEncoding::quoted_printable);
	// Filters count it against a mail where text is hidden that could be read.
	EXPECT_EQ(choose_encoding("==========\r\n"), TransferEncoding::quoted_printable);
	EXPECT_EQ(choose_encoding(std::string(1000, '\x01')), TransferEncoding::quoted_printable);
	EXPECT_EQ(choose_encoding("caf\xC3\xA9 au lait\r\n"), TransferEncoding::quoted_printable);
	EXPECT_EQ(choose_encoding("\xE4\xB8\xAD\xE6\x96\x87\r\n"), TransferEncoding::base64);
	EXPECT_EQ(name_of(TransferEncoding::base64), "base64");
	EXPECT_EQ(name_of(TransferEncoding::quoted_printable), "quoted-printable");
}

} // namespace vero
