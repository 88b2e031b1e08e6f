// Finds the bytes that matter to the CSV grammar: 64 bytes become a bit mask, its bits become positions.
#include "core/csv/csv_scanner.hpp"

#include <bit>

#ifdef __x86_64__
#include <immintrin.h>
#define VERO_INLINE inline __attribute__((always_inline))
#define VERO_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))
#endif

namespace vero {

namespace {

std::size_t scan_bytes(CsvScanner const &scanner, char const *bytes, std::size_t size, std::uint32_t base,
					   std::uint32_t *out)
{
	return scanner.scan_plain(bytes, size, base, out);
}

#ifdef __x86_64__

constexpr std::size_t kBlockSize = 64;

/// Writes groups of eight without looking at how many of them are real: a branch per bit would cost more. Inlined, so
/// that it uses the caller's instruction set.
VERO_INLINE std::size_t write_positions(std::uint64_t mask, std::size_t base, std::uint32_t *out)
{
	auto const count = std::popcount(mask);
	for (int group = 0; group < count; group += 8) {
#pragma GCC unroll 8
		for (int i = group; i < group + 8; ++i) {
			out[i] = static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(std::countr_zero(mask));
			mask &= mask - 1;
		}
	}
	return static_cast<std::size_t>(count);
}

struct Sse2 {
	__m128i delimiter, quote, escape;

	explicit Sse2(CsvScanner const &scanner)
		: delimiter(_mm_set1_epi8(scanner.delimiter())), quote(_mm_set1_epi8(scanner.quote())),
		  escape(_mm_set1_epi8(scanner.escape()))
	{
	}

	VERO_INLINE std::uint64_t mask_of_16(char const *bytes) const
	{
		auto const in = _mm_loadu_si128(reinterpret_cast<__m128i const *>(bytes));
		auto found = _mm_or_si128(_mm_cmpeq_epi8(in, delimiter), _mm_cmpeq_epi8(in, quote));
		found = _mm_or_si128(found, _mm_cmpeq_epi8(in, escape));
		found = _mm_or_si128(found, _mm_cmpeq_epi8(in, _mm_set1_epi8('\n')));
		found = _mm_or_si128(found, _mm_cmpeq_epi8(in, _mm_set1_epi8('\r')));
		found = _mm_or_si128(found, _mm_cmpeq_epi8(in, _mm_setzero_si128()));
		return static_cast<std::uint32_t>(_mm_movemask_epi8(found));
	}

	VERO_INLINE std::uint64_t mask(char const *bytes) const
	{
		return mask_of_16(bytes) | mask_of_16(bytes + 16) << 16 | mask_of_16(bytes + 32) << 32 |
			   mask_of_16(bytes + 48) << 48;
	}
};

struct Avx2 {
	__m256i delimiter, quote, escape;

	VERO_AVX2 explicit Avx2(CsvScanner const &scanner)
		: delimiter(_mm256_set1_epi8(scanner.delimiter())), quote(_mm256_set1_epi8(scanner.quote())),
		  escape(_mm256_set1_epi8(scanner.escape()))
	{
	}

	VERO_AVX2 VERO_INLINE std::uint64_t mask_of_32(char const *bytes) const
	{
		auto const in = _mm256_loadu_si256(reinterpret_cast<__m256i const *>(bytes));
		auto found = _mm256_or_si256(_mm256_cmpeq_epi8(in, delimiter), _mm256_cmpeq_epi8(in, quote));
		found = _mm256_or_si256(found, _mm256_cmpeq_epi8(in, escape));
		found = _mm256_or_si256(found, _mm256_cmpeq_epi8(in, _mm256_set1_epi8('\n')));
		found = _mm256_or_si256(found, _mm256_cmpeq_epi8(in, _mm256_set1_epi8('\r')));
		found = _mm256_or_si256(found, _mm256_cmpeq_epi8(in, _mm256_setzero_si256()));
		return static_cast<std::uint32_t>(_mm256_movemask_epi8(found));
	}

	VERO_AVX2 VERO_INLINE std::uint64_t mask(char const *bytes) const
	{
		return mask_of_32(bytes) | mask_of_32(bytes + 32) << 32;
	}
};

// The same loop twice: a template round code of two instruction sets cannot be inlined into either.

std::size_t scan_sse2(CsvScanner const &scanner, char const *bytes, std::size_t size, std::uint32_t base,
					  std::uint32_t *out)
{
	Sse2 const vectors(scanner);
	std::size_t at = 0;
	std::size_t count = 0;
	for (; at + kBlockSize <= size; at += kBlockSize)
		count += write_positions(vectors.mask(bytes + at), base + at, out + count);
	return count + scanner.scan_plain(bytes + at, size - at, base + static_cast<std::uint32_t>(at), out + count);
}

VERO_AVX2 std::size_t scan_avx2(CsvScanner const &scanner, char const *bytes, std::size_t size, std::uint32_t base,
								std::uint32_t *out)
{
	Avx2 const vectors(scanner);
	std::size_t at = 0;
	std::size_t count = 0;
	for (; at + kBlockSize <= size; at += kBlockSize)
		count += write_positions(vectors.mask(bytes + at), base + at, out + count);
	return count + scanner.scan_plain(bytes + at, size - at, base + static_cast<std::uint32_t>(at), out + count);
}

bool has_avx2()
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
		   __builtin_cpu_supports("popcnt");
}

#endif

} // namespace

CsvScanner::Implementation CsvScanner::implementation([[maybe_unused]] Level highest)
{
#ifdef __x86_64__
	if (highest >= Level::avx2 && has_avx2())
		return scan_avx2;
	if (highest >= Level::sse2)
		return scan_sse2;
#endif
	return scan_bytes;
}

CsvScanner::CsvScanner(Dialect const &dialect, Level highest)
	: delimiter_(dialect.delimiter), quote_(dialect.quote), escape_(dialect.escape),
	  implementation_(implementation(highest))
{
}

std::size_t CsvScanner::scan_plain(char const *bytes, std::size_t size, std::uint32_t base, std::uint32_t *out) const
{
	std::size_t count = 0;
	for (std::size_t i = 0; i < size; ++i) {
		auto const c = bytes[i];
		if (c == delimiter_ || c == quote_ || c == escape_ || c == '\n' || c == '\r' || c == '\0')
			out[count++] = base + static_cast<std::uint32_t>(i);
	}
	return count;
}

} // namespace vero
