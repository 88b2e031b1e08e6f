// The ways in which a file may be compressed, by name and by first bytes.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace vero {

enum class Compression : unsigned char { none, gzip, zstd };
inline constexpr std::array kCompressions{Compression::none, Compression::gzip, Compression::zstd};

std::string_view name_of(Compression compression);
/// What names of such files end in, behind the ending of the text's own: ".gz".
std::string_view file_ending(Compression compression);

/// The one of that name, in any case.
std::optional<Compression> find_compression(std::string_view name);

/// What content with these first bytes, 4 of them or more, is compressed with (RFC 1952, RFC 8878).
Compression compression_of(std::string_view first_bytes);

/// Bytes at the beginning of a frame of zstd that say what it is.
constexpr std::size_t kZstdMagicSize = 4;
/// Whether a frame of zstd begins with them, be it one that is to be skipped.
bool is_zstd_magic(std::string_view bytes);

} // namespace vero
