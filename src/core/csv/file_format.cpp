// What a file's first bytes tell: that it is no CSV, its byte order mark, and the delimiter that a first line names.
#include "core/csv/file_format.hpp"

#include "core/text/text.hpp"

#include <algorithm>
#include <array>

namespace vero {
namespace {

using namespace std::string_view_literals;

struct Signature {
	std::size_t offset;
	std::string_view bytes;
	std::string_view name;
};

constexpr std::array<Signature, 16> kSignatures{{
	{0, "PK\x03\x04"sv, "an Excel or OpenDocument workbook, or another zip archive"},
	{0, "PK\x05\x06"sv, "an empty zip archive"},
	{0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, "an old Excel workbook (.xls) or another Office document"},
	{0, "\x09\x08\x10\x00\x00\x06\x05\x00"sv, "an old Excel worksheet (.xls)"},
	{0, "%PDF-"sv, "a PDF document"},
	{0, "\x1F\x8B"sv, "a gzip archive"},
	{0, "BZh"sv, "a bzip2 archive"},
	{0,
	 "\xFD"
	 "7zXZ\x00"sv,
	 "an xz archive"},
	{0, "\x28\xB5\x2F\xFD"sv, "a zstd archive"},
	{0, "7z\xBC\xAF\x27\x1C"sv, "a 7z archive"},
	{0, "Rar!\x1A\x07"sv, "a RAR archive"},
	{257, "ustar\x00"sv, "a tar archive"},
	{257, "ustar  \x00"sv, "a tar archive"}, // GNU's
	{0, "{\\rtf"sv, "an RTF document"},
	{0, "SQLite format 3\x00"sv, "an SQLite database"},
	{0, "PAR1\x15"sv, "a Parquet file"},
}};

std::string_view without_blanks(std::string_view text)
{
	text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
	return text;
}

/// `words` are in lower case; the text may have any.
bool begins_with(std::string_view text, std::string_view words)
{
	return is_in_any_case(text.substr(0, words.size()), words);
}

bool begins_with_markup(std::string_view text)
{
	constexpr std::array<std::string_view, 3> kMarkup{"<?xml", "<!doctype", "<html"};
	text = without_blanks(text);
	return std::any_of(kMarkup.begin(), kMarkup.end(),
					   [text](std::string_view markup) { return begins_with(text, markup); });
}

/// `{`, a name in quotes and a colon, or `{}`.
bool begins_with_object(std::string_view text)
{
	if (!text.starts_with('{'))
		return false;
	text = without_blanks(text.substr(1));
	if (text.starts_with('}'))
		return true;
	std::size_t const end = text.starts_with('"') ? text.find_first_of("\"\r\n", 1) : text.npos;
	return end != text.npos && text[end] == '"' && without_blanks(text.substr(end + 1)).starts_with(':');
}

} // namespace

std::optional<std::string_view> json_format(std::string_view first_bytes)
{
	first_bytes.remove_prefix(byte_order_mark(first_bytes) == ByteOrderMark::utf8 ? 3 : 0);
	std::string_view const text = without_blanks(first_bytes);
	if (begins_with_object(text))
		return "JSON lines";
	if (text.starts_with('[') && begins_with_object(without_blanks(text.substr(1))))
		return "a JSON array";
	return std::nullopt;
}

std::optional<std::string_view> foreign_format(std::string_view first_bytes)
{
	for (Signature const &signature : kSignatures) {
		if (first_bytes.size() >= signature.offset && first_bytes.substr(signature.offset).starts_with(signature.bytes))
			return signature.name;
	}
	first_bytes.remove_prefix(byte_order_mark(first_bytes) == ByteOrderMark::utf8 ? 3 : 0);
	if (begins_with_markup(first_bytes))
		return "an HTML or XML document";
	return std::nullopt;
}

ByteOrderMark byte_order_mark(std::string_view first_bytes)
{
	if (first_bytes.starts_with("\xEF\xBB\xBF"sv))
		return ByteOrderMark::utf8;
	if (first_bytes.starts_with("\xFF\xFE"sv))
		return ByteOrderMark::utf16_little_endian;
	if (first_bytes.starts_with("\xFE\xFF"sv))
		return ByteOrderMark::utf16_big_endian;
	return ByteOrderMark::none;
}

std::size_t size_of(ByteOrderMark mark)
{
	return mark == ByteOrderMark::none ? 0 : mark == ByteOrderMark::utf8 ? 3 : 2;
}

std::optional<char> told_delimiter(std::string_view first_text, char quote)
{
	std::string_view line = first_text.substr(0, first_text.find_first_of("\r\n"));
	if (line.size() >= 2 && line.front() == quote && line.back() == quote)
		line = line.substr(1, line.size() - 2);
	constexpr std::string_view kWord = "sep=";
	if (line.size() != kWord.size() + 1 || !begins_with(line, kWord))
		return std::nullopt;
	return line.back();
}

} // namespace vero
