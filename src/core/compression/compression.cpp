// The ways in which a file may be compressed, by name and by first bytes.
#include "core/compression/compression.hpp"

#include "core/text/text.hpp"

#include <algorithm>
#include <array>

namespace vero {
namespace {

using namespace std::string_view_literals;

constexpr std::array<std::string_view, 3> kNames{"none", "gzip", "zstd"};
constexpr std::array<std::string_view, 3> kFileEndings{"", ".gz", ".zst"};

} // namespace

std::string_view name_of(Compression compression)
{
	return kNames.at(static_cast<std::size_t>(compression));
}

std::string_view file_ending(Compression compression)
{
	return kFileEndings.at(static_cast<std::size_t>(compression));
}

std::optional<Compression> find_compression(std::string_view name)
{
	auto const found = std::find_if(kCompressions.begin(), kCompressions.end(),
									[name](Compression each) { return is_in_any_case(name, name_of(each)); });
	return found == kCompressions.end() ? std::nullopt : std::optional(*found);
}

Compression compression_of(std::string_view first_bytes)
{
	if (first_bytes.starts_with("\x1F\x8B"sv))
		return Compression::gzip;
	return is_zstd_magic(first_bytes.substr(0, kZstdMagicSize)) ? Compression::zstd : Compression::none;
}

bool is_zstd_magic(std::string_view bytes)
{
	constexpr unsigned kSkippable = 0x5; // in the upper half of the first byte
	return bytes == "\x28\xB5\x2F\xFD"sv || (bytes.size() == kZstdMagicSize && bytes.ends_with("\x2A\x4D\x18"sv) &&
											 static_cast<unsigned char>(bytes[0]) >> 4 == kSkippable);
}

} // namespace vero
