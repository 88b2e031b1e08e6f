// Checks what is taken for a spreadsheet, an archive or a document, and above all what is not.
#include "core/csv/file_format.hpp"

#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

using namespace std::string_literals;
using namespace std::string_view_literals;

namespace vero {
namespace {

std::string tar_header(std::string const &magic)
{
	return "events.csv" + std::string(247, '\0') + magic + std::string(200, '\0');
}

std::string text_with_at(std::size_t offset, std::string const &word)
{
	return std::string(offset, 'x') + word + std::string(200, 'x');
}

std::vector<std::pair<std::string, std::string>> const known_formats{
	{"PK\x03\x04\x14"s, "an Excel or OpenDocument workbook, or another zip archive"},
	{"PK\x05\x06"s, "an empty zip archive"},
	{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"s, "an old Excel workbook (.xls) or another Office document"},
	{"\x09\x08\x10\x00\x00\x06\x05\x00"s, "an old Excel worksheet (.xls)"},
	{"%PDF-1.7"s, "a PDF document"},
	{"\x1F\x8B\x08"s, "a gzip archive"},
	{"BZh91AY&SY"s, "a bzip2 archive"},
	{"\xFD"
	 "7zXZ\x00"s,
	 "an xz archive"},
	{"\x28\xB5\x2F\xFD"s, "a zstd archive"},
	{"7z\xBC\xAF\x27\x1C"s, "a 7z archive"},
	{"Rar!\x1A\x07\x00"s, "a RAR archive"},
	{tar_header("ustar\0"s + "00"), "a tar archive"},
	{tar_header("ustar  \0"s), "a tar archive"},
	{"{\\rtf1\\ansi"s, "an RTF document"},
	{"SQLite format 3\x00"s, "an SQLite database"},
	{"PAR1\x15\x04"s, "a Parquet file"},
	{"<?xml version=\"1.0\"?>"s, "an HTML or XML document"},
	{"<!DOCTYPE html>"s, "an HTML or XML document"},
	{"<html>"s, "an HTML or XML document"},
	{" \t\r\n<HTML lang=en>"s, "an HTML or XML document"},
	{"\xEF\xBB\xBF\n<?XML"s, "an HTML or XML document"},
};

} // namespace

TEST(FileFormat, KnowsWhatIsNoCsv)
{
	for (auto const &[bytes, name] : known_formats) {
		EXPECT_EQ(foreign_format(bytes), name);
		EXPECT_EQ(foreign_format((bytes + std::string(1000, '\xAA')).substr(0, kFormatPrefixSize)), name);
	}
}

TEST(FileFormat, TakesNoPartOfASignatureForIt)
{
	for (auto const &[bytes, name] : known_formats) {
		EXPECT_EQ(foreign_format("x" + bytes), std::nullopt) << name;
		EXPECT_EQ(foreign_format(bytes.substr(0, 1)), std::nullopt) << name;
		EXPECT_EQ(foreign_format(bytes.substr(0, 0)), std::nullopt) << name;
	}
	EXPECT_EQ(foreign_format("SQLite format 3,email"), std::nullopt);
	EXPECT_EQ(foreign_format("PK,email"), std::nullopt);
	EXPECT_EQ(foreign_format("PDF,email"), std::nullopt);
	EXPECT_EQ(foreign_format("<htm"), std::nullopt);
	EXPECT_EQ(foreign_format("<email>,time"), std::nullopt);
	EXPECT_EQ(foreign_format("email,<html>"), std::nullopt);
}

TEST(FileFormat, LetsTextThrough)
{
	for (auto const &text :
		 {""s, " \t\r\n"s, "email,time,name\n"s,
		  "\xEF\xBB\xBF"
		  "email,time"s,
		  "\xFF\xFE"
		  "e\0"s,
		  "\xFE\xFF\0e"s, "\"email\";\"time\"\r\n"s, "\0\0\0"s, std::string(kFormatPrefixSize, '\xFF')})
		EXPECT_EQ(foreign_format(text), std::nullopt) << text;
}

TEST(FileFormat, TakesNoWordOfATextForATarArchive)
{
	for (auto const &word : {"gustar"s, "gustaría"s, "ajustar,precio"s, "ustar 00"s, "ustar\n"s})
		for (std::size_t offset = 250; offset < 260; ++offset)
			EXPECT_EQ(foreign_format(text_with_at(offset, word)), std::nullopt) << word << " at " << offset;
}

TEST(FileFormat, NeedsNoMoreThanItsPrefix)
{
	// a tar archive's signature is the one that lies deepest
	EXPECT_GE(kFormatPrefixSize, 257U + 8U);
	EXPECT_EQ(foreign_format(tar_header("ustar\0"s + "00").substr(0, 257)), std::nullopt);
	EXPECT_EQ(foreign_format(tar_header("ustar\0"s + "00").substr(0, 256)), std::nullopt);
}

TEST(FileFormat, KnowsByteOrderMarks)
{
	EXPECT_EQ(byte_order_mark("\xEF\xBB\xBF"sv), ByteOrderMark::utf8);
	EXPECT_EQ(byte_order_mark("\xEF\xBB\xBF"
							  "email"sv),
			  ByteOrderMark::utf8);
	EXPECT_EQ(byte_order_mark("\xFF\xFE"sv), ByteOrderMark::utf16_little_endian);
	EXPECT_EQ(byte_order_mark("\xFF\xFE"
							  "e\0"sv),
			  ByteOrderMark::utf16_little_endian);
	EXPECT_EQ(byte_order_mark("\xFE\xFF\0e"sv), ByteOrderMark::utf16_big_endian);
	for (auto const text :
		 {""sv, "\xEF"sv, "\xEF\xBB"sv, "\xEF\xBB\xBE"sv, "\xFF"sv, "\xFE"sv, "\xFF\xFF"sv, "e\xEF\xBB\xBF"sv})
		EXPECT_EQ(byte_order_mark(text), ByteOrderMark::none);
}

TEST(FileFormat, ObeysALineThatNamesTheDelimiter)
{
	EXPECT_EQ(told_delimiter("sep=;\nemail", '"'), ';');
	EXPECT_EQ(told_delimiter("SEP=\t\r\nemail", '"'), '\t');
	EXPECT_EQ(told_delimiter("sep=,", '"'), ',');
	EXPECT_EQ(told_delimiter("\"sep=|\"\remail", '"'), '|');
	EXPECT_EQ(told_delimiter("'sep=|'\nemail", '\''), '|');
	EXPECT_EQ(told_delimiter("sep==\n", '"'), '=');
}

TEST(FileFormat, TakesNoOtherLineForOneThatNamesTheDelimiter)
{
	for (auto const text : {""sv, "sep="sv, "sep=\n;"sv, "sep=;;\n"sv, "\"sep=;\n"sv, "sep=;\"\n"sv, " sep=;\n"sv,
							"\nsep=;\n"sv, "sep=;,email\n"sv, "step=;\n"sv, "'sep=;'\n"sv, "\""sv})
		EXPECT_EQ(told_delimiter(text, '"'), std::nullopt) << text;
}

TEST(FileFormat, KnowsJson)
{
	EXPECT_EQ(json_format("{\"email\":\"a@b.co\"}\n"), "JSON lines");
	EXPECT_EQ(json_format("\xEF\xBB\xBF \n{ \"a\" : 1"), "JSON lines");
	EXPECT_EQ(json_format("{}\n"), "JSON lines");
	EXPECT_EQ(json_format("[\n  {\"a\": 1}]"), "a JSON array");
	for (auto const text : {""sv, "{"sv, "[{"sv, "{\"email},time\n"sv, "{\"email\"},time"sv, "[1]"sv,
							"email,{\"a\":1}"sv, "{email: 1}"sv})
		EXPECT_EQ(json_format(text), std::nullopt) << text;
}

TEST(FileFormat, KnowsHowLongAMarkIs)
{
	EXPECT_EQ(size_of(ByteOrderMark::none), 0U);
	EXPECT_EQ(size_of(ByteOrderMark::utf8), 3U);
	EXPECT_EQ(size_of(ByteOrderMark::utf16_little_endian), 2U);
	EXPECT_EQ(size_of(ByteOrderMark::utf16_big_endian), 2U);
}

} // namespace vero
