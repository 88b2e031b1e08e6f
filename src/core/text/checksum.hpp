// A number that tells texts apart, or shows that one was damaged.
#pragma once

#include <cstdint>
#include <string_view>

namespace vero {

/// FNV-1a, 64 bits: against damage and chance, not against malice.
constexpr std::uint64_t checksum(std::string_view bytes)
{
	std::uint64_t hash = 0xCBF29CE484222325U;
	for (char const c : bytes) {
		hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
	}
	return hash;
}

} // namespace vero
