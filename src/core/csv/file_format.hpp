// Recognises what is no CSV, and byte order marks, by a file's first bytes.
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

enum class ByteOrderMark : unsigned char { none, utf8, utf16_little_endian, utf16_big_endian };

ByteOrderMark byte_order_mark(std::string_view first_bytes);
/// Bytes that the mark takes.
std::size_t size_of(ByteOrderMark mark);

} // namespace vero
