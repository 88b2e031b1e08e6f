// Recognises what is no CSV, and byte order marks, by a file's first bytes.
#include "core/csv/file_format.hpp"

#include <array>
#include <cctype>

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

bool begins_with_markup(std::string_view text)
{
	constexpr std::array<std::string_view, 3> kMarkup{"<?xml", "<!doctype", "<html"};
	std::size_t at = text.find_first_not_of(" \t\r\n");
	if (at == text.npos)
		return false;
	text.remove_prefix(at);
	for (std::string_view markup : kMarkup) {
		bool equal = text.size() >= markup.size();
		for (std::size_t i = 0; equal && i < markup.size(); i++)
			equal = std::tolower(static_cast<unsigned char>(text[i])) == markup[i];
		if (equal)
			return true;
	}
	return false;
}

} // namespace

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

} // namespace vero
