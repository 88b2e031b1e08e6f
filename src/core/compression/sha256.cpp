// SHA-256 (FIPS 180-4) of bytes that come piece by piece.
#include "core/compression/sha256.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace vero {
namespace {

constexpr std::size_t kRounds = 64;

alignas(16) constexpr std::array<std::uint32_t, kRounds> kConstants{
	0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
	0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
	0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
	0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
	0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
	0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
	0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
	0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2};

constexpr std::array<std::uint32_t, 8> kStart{0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
											  0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};

std::uint32_t read_big_endian(char const *bytes)
{
	std::uint32_t value = 0;
	for (int i = 0; i < 4; i++) {
		value = value << 8U | static_cast<unsigned char>(bytes[i]);
	}
	return value;
}

/// The message schedule of a block.
std::array<std::uint32_t, kRounds> make_schedule(char const *block)
{
	std::array<std::uint32_t, kRounds> words{};
	for (std::size_t i = 0; i < 16; i++) {
		words[i] = read_big_endian(block + i * 4);
	}
	for (std::size_t i = 16; i < kRounds; i++) {
		auto const a = words[i - 15];
		auto const b = words[i - 2];
		words[i] = words[i - 16] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ (a >> 3U)) + words[i - 7] +
				   (std::rotr(b, 17) ^ std::rotr(b, 19) ^ (b >> 10U));
	}
	return words;
}

void compress_plainly(std::uint32_t *state, char const *bytes, std::size_t blocks)
{
	for (; blocks > 0; blocks--, bytes += 64) {
		auto const words = make_schedule(bytes);
		std::array<std::uint32_t, 8> s{};
		std::copy_n(state, s.size(), s.begin());
		for (std::size_t i = 0; i < kRounds; i++) {
			auto const choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
			auto const majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
			auto const first = s[7] + (std::rotr(s[4], 6) ^ std::rotr(s[4], 11) ^ std::rotr(s[4], 25)) + choice +
							   kConstants[i] + words[i];
			auto const second = (std::rotr(s[0], 2) ^ std::rotr(s[0], 13) ^ std::rotr(s[0], 22)) + majority;
			s = {first + second, s[0], s[1], s[2], s[3] + first, s[4], s[5], s[6]};
		}
		for (std::size_t i = 0; i < s.size(); i++) {
			state[i] += s[i];
		}
	}
}

#ifdef __x86_64__

/// The instructions keep the state as its words a, b, e, f and c, d, g, h, and do two rounds at a time.
__attribute__((target("sha,sse4.1,ssse3"))) void compress_fast(std::uint32_t *state, char const *bytes,
															   std::size_t blocks)
{
	__m128i const swap = _mm_set_epi64x(0x0C0D0E0F08090A0B, 0x0405060700010203);
	auto *words = reinterpret_cast<__m128i *>(state);
	auto const *constants = reinterpret_cast<__m128i const *>(kConstants.data());
	__m128i badc = _mm_shuffle_epi32(_mm_loadu_si128(words), 0xB1);
	__m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(words + 1), 0x1B);
	__m128i abef = _mm_alignr_epi8(badc, efgh, 8);
	__m128i cdgh = _mm_blend_epi16(efgh, badc, 0xF0);
	for (; blocks > 0; blocks--, bytes += 64) {
		__m128i const abef_before = abef;
		__m128i const cdgh_before = cdgh;
		__m128i schedule[4]; // the last sixteen words
#pragma GCC unroll 16
		for (int i = 0; i < 16; i++) {
			__m128i &next = schedule[i % 4];
			if (i < 4) {
				next = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<__m128i const *>(bytes) + i), swap);
			} else {
				__m128i const last = schedule[(i + 3) % 4];
				__m128i const behind = _mm_alignr_epi8(last, schedule[(i + 2) % 4], 4);
				__m128i const sum = _mm_add_epi32(_mm_sha256msg1_epu32(next, schedule[(i + 1) % 4]), behind);
				next = _mm_sha256msg2_epu32(sum, last);
			}
			__m128i const input = _mm_add_epi32(next, _mm_load_si128(constants + i));
			cdgh = _mm_sha256rnds2_epu32(cdgh, abef, input);
			abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(input, 0x0E));
		}
		abef = _mm_add_epi32(abef, abef_before);
		cdgh = _mm_add_epi32(cdgh, cdgh_before);
	}
	__m128i const feba = _mm_shuffle_epi32(abef, 0x1B);
	__m128i const dchg = _mm_shuffle_epi32(cdgh, 0xB1);
	_mm_storeu_si128(words, _mm_blend_epi16(feba, dchg, 0xF0));
	_mm_storeu_si128(words + 1, _mm_alignr_epi8(dchg, feba, 8));
}

/// As __builtin_cpu_supports() does not know the instructions by name in every compiler that is used.
bool look_for_instructions()
{
	constexpr int kFeatures = 7;
	constexpr int kSha = 29;
	int a = kFeatures;
	int b = 0;
	int c = 0;
	int d = 0;
	asm("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("ssse3") && (b >> kSha & 1) != 0;
}

#endif

using Compress = void (*)(std::uint32_t *, char const *, std::size_t);

Compress fastest()
{
#ifdef __x86_64__
	if (Sha256::has_instructions()) {
		return compress_fast;
	}
#endif
	return compress_plainly;
}

} // namespace

bool Sha256::has_instructions()
{
#ifdef __x86_64__
	static bool const has = look_for_instructions();
	return has;
#else
	return false;
#endif
}

Sha256::Sha256(Way way) : compress_(way == Way::plain ? compress_plainly : fastest()), state_(kStart), rest_{} {}

void Sha256::add(std::string_view bytes)
{
	std::size_t const held = size_ % kBlockSize;
	size_ += bytes.size();
	if (held > 0) {
		auto const more = std::min(kBlockSize - held, bytes.size());
		bytes.copy(rest_.data() + held, more);
		bytes.remove_prefix(more);
		if (held + more < kBlockSize) {
			return;
		}
		compress_(state_.data(), rest_.data(), 1);
	}
	compress_(state_.data(), bytes.data(), bytes.size() / kBlockSize);
	bytes.remove_prefix(bytes.size() / kBlockSize * kBlockSize);
	bytes.copy(rest_.data(), bytes.size());
}

Sha256Digest Sha256::digest() const
{
	// a bit that is set, zeros, and the number of bits
	std::array<char, 2 * kBlockSize> end{};
	std::size_t const held = size_ % kBlockSize;
	std::copy_n(rest_.begin(), held, end.begin());
	end.at(held) = static_cast<char>(0x80);
	std::size_t const size = held + 1 + sizeof size_ <= kBlockSize ? kBlockSize : 2 * kBlockSize;
	for (std::size_t i = 0; i < sizeof size_; i++) {
		end.at(size - 1 - i) = static_cast<char>(size_ * 8 >> (8 * i));
	}
	auto state = state_;
	compress_(state.data(), end.data(), size / kBlockSize);
	Sha256Digest digest{};
	for (std::size_t i = 0; i < digest.size(); i++) {
		digest.at(i) = static_cast<std::uint8_t>(state.at(i / 4) >> (24 - 8 * (i % 4)));
	}
	return digest;
}

} // namespace vero
