// Random names that nothing else has, and random keys.
#include "pg/base/random.hpp"

#include "pg/base/boundary.hpp"

extern "C" {
#include "utils/fmgrprotos.h"
}

namespace vero::pg {
namespace {

template <class Array> void fill(Array &bytes)
{
	if (!pg_strong_random(bytes.data(), sizeof bytes))
		throw Report{ERRCODE_INTERNAL_ERROR, "could not generate random values", "", ""};
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
