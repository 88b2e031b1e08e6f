// What a file's first bytes tell: that it is no CSV, its byte order mark, and the delimiter that a first line names.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace vero {

/// As many first bytes as the answers may depend on.
constexpr std::size_t kFormatPrefixSize = 512;

/// The name of the format that content with these first bytes has instead of CSV ("an Excel workbook or another zip
/// archive"), or nothing. The signatures are those of file(1)'s magic.
std::optional<std::string_view> foreign_format(std::string_view first_bytes);

/// "JSON lines" or "a JSON array" where the content begins so.
std::optional<std::string_view> json_format(std::string_view first_bytes);

enum class ByteOrderMark : unsigned char { none, utf8, utf16_little_endian, utf16_big_endian };

ByteOrderMark byte_order_mark(std::string_view first_bytes);
/// Bytes that the mark takes.
std::size_t size_of(ByteOrderMark mark);

/// The delimiter that a first line `sep=;` names, as Excel writes and obeys it, with quotes round the line or without.
/// `first_text` is the file's beginning in UTF-8, without a mark.
std::optional<char> told_delimiter(std::string_view first_text, char quote);

} // namespace vero
