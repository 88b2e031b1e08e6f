// Finds the bytes that matter to the CSV grammar: 64 bytes become a bit mask, its bits become positions.
#include "core/csv/csv_scanner.hpp"

#include <array>
#include <bit>
#include <numeric>

#ifdef __x86_64__
#include <immintrin.h>
#define VERO_INLINE inline __attribute__((always_inline))
#define VERO_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define VERO_AVX512 __attribute__((target("avx512f,avx512bw,avx512vbmi2,popcnt")))
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

struct Avx512 {
	__m512i delimiter, quote, escape, offsets;

	VERO_AVX512 explicit Avx512(CsvScanner const &scanner)
		: delimiter(_mm512_set1_epi8(scanner.delimiter())), quote(_mm512_set1_epi8(scanner.quote())),
		  escape(_mm512_set1_epi8(scanner.escape()))
	{
		std::array<std::uint8_t, kBlockSize> numbers;
		std::iota(numbers.begin(), numbers.end(), std::uint8_t{0});
		offsets = _mm512_loadu_si512(numbers.data());
	}

	VERO_AVX512 VERO_INLINE std::uint64_t mask(char const *bytes) const
	{
		auto const in = _mm512_loadu_si512(bytes);
		return _mm512_cmpeq_epi8_mask(in, delimiter) | _mm512_cmpeq_epi8_mask(in, quote) |
			   _mm512_cmpeq_epi8_mask(in, escape) | _mm512_cmpeq_epi8_mask(in, _mm512_set1_epi8('\n')) |
			   _mm512_cmpeq_epi8_mask(in, _mm512_set1_epi8('\r')) | _mm512_testn_epi8_mask(in, in);
	}

	/// Groups of sixteen, as write_positions() does with eight.
	VERO_AVX512 VERO_INLINE std::size_t write_positions(std::uint64_t mask, std::size_t base, std::uint32_t *out) const
	{
		auto const count = static_cast<std::size_t>(std::popcount(mask));
		std::array<std::uint8_t, kBlockSize> found;
		_mm512_storeu_si512(found.data(), _mm512_maskz_compress_epi8(mask, offsets));
		auto const first = _mm512_set1_epi32(static_cast<int>(base));
		std::size_t written = 0;
		do {
			auto const bytes = _mm_loadu_si128(reinterpret_cast<__m128i const *>(found.data() + written));
			// The plain conversion makes g++ 12 warn of a value that is not initialized.
			auto const next = _mm512_add_epi32(first, _mm512_maskz_cvtepu8_epi32(0xFFFF, bytes));
			_mm512_storeu_si512(out + written, next);
			written += 16;
		} while (written < count);
		return count;
	}
};

// The same loop each time: a template round code of several instruction sets cannot be inlined into any.

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

VERO_AVX512 std::size_t scan_avx512(CsvScanner const &scanner, char const *bytes, std::size_t size, std::uint32_t base,
									std::uint32_t *out)
{
	Avx512 const vectors(scanner);
	std::size_t at = 0;
	std::size_t count = 0;
	for (; at + kBlockSize <= size; at += kBlockSize)
		count += vectors.write_positions(vectors.mask(bytes + at), base + at, out + count);
	return count + scanner.scan_plain(bytes + at, size - at, base + static_cast<std::uint32_t>(at), out + count);
}

bool has_avx512()
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
		   __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("popcnt");
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
	if (highest >= Level::avx512 && has_avx512())
		return scan_avx512;
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
