// Fuzzes CsvScanner: each vector implementation finds what the plain one finds, wherever the block lies in memory.
#include "core/csv/csv_scanner.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const *data, std::size_t size)
{
	if (size < 4)
		return 0;
	vero::Dialect dialect;
	dialect.delimiter = static_cast<char>(data[0]);
	dialect.quote = static_cast<char>(data[1]);
	dialect.escape = static_cast<char>(data[2]);
	std::uint32_t const base = data[3] * 1000U;
	// A copy of exactly this size, so that a sanitizer sees each read and write that goes too far.
	std::vector<char> const bytes(data + 4, data + size);
	using Level = vero::CsvScanner::Level;
	for (auto const level : {Level::plain, Level::sse2, Level::avx2, Level::avx512}) {
		vero::CsvScanner const scanner(dialect, level);
		std::vector<std::uint32_t> found(bytes.size() + 64);
		std::vector<std::uint32_t> expected(bytes.size() + 64);
		found.resize(scanner.scan(bytes.data(), bytes.size(), base, found.data()));
		expected.resize(scanner.scan_plain(bytes.data(), bytes.size(), base, expected.data()));
		if (found != expected)
			__builtin_trap();
	}
	return 0;
}
