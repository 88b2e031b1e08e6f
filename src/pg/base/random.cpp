// Random names that nothing else has, and random keys.
#include "pg/base/random.hpp"

#include "pg/base/boundary.hpp"

#include <cstring>

extern "C" {
#include "utils/fmgrprotos.h"
}

namespace vero::pg {
namespace {

/// Drawn by this process for many at a time: most of what a draw costs does not hang on its size.
struct Drawn {
	std::array<std::uint8_t, 512> bytes;
	std::size_t used;
	int pid; ///< a child is not to use what its parent has drawn
};

constinit Drawn drawn{};

template <class Array> void fill(Array &bytes)
{
	constexpr std::size_t kSize = sizeof bytes;
	if (drawn.pid != MyProcPid || drawn.bytes.size() - drawn.used < kSize) {
		if (!pg_strong_random(drawn.bytes.data(), drawn.bytes.size()))
			throw Report{ERRCODE_INTERNAL_ERROR, "could not generate random values", "", ""};
		drawn.used = 0;
		drawn.pid = MyProcPid;
	}
	std::memcpy(bytes.data(), &drawn.bytes.at(drawn.used), kSize);
	std::memset(&drawn.bytes.at(drawn.used), 0, kSize);
	drawn.used += kSize;
}

} // namespace

std::string make_uuid()
{
	constexpr std::string_view kDigits = "0123456789abcdef";
	std::array<std::uint8_t, 16> bytes;
	fill(bytes);
	bytes[6] = (bytes[6] & 0x0FU) | 0x40U;
	bytes[8] = (bytes[8] & 0x3FU) | 0x80U;
	std::string text;
	for (std::size_t i = 0; i < bytes.size(); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text += '-';
		text += kDigits[bytes[i] >> 4U];
		text += kDigits[bytes[i] & 0x0FU];
	}
	return text;
}

HashKey random_hash_key()
{
	HashKey key;
	fill(key);
	return key;
}

Datum uuid_datum(std::string const &uuid)
{
	return DirectFunctionCall1(uuid_in, CStringGetDatum(uuid.c_str()));
}

} // namespace vero::pg
