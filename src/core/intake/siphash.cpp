// SipHash-2-4 with a result of 128 bits (Aumasson and Bernstein): a hash that nobody can predict without its key.
#include "core/intake/siphash.hpp"

#include <bit>
#include <cstring>

namespace vero {
namespace {

static_assert(std::endian::native == std::endian::little);

class SipState {
public:
	explicit SipState(HashKey const &key)
		: a_(key[0] ^ 0x736F6D6570736575), b_(key[1] ^ 0x646F72616E646F6D ^ 0xEE), c_(key[0] ^ 0x6C7967656E657261),
		  d_(key[1] ^ 0x7465646279746573)
	{
	}

	void take(std::uint64_t word)
	{
		d_ ^= word;
		rounds(2);
		a_ ^= word;
	}

	Hash128 finish()
	{
		c_ ^= 0xEE;
		rounds(4);
		std::uint64_t first = a_ ^ b_ ^ c_ ^ d_;
		b_ ^= 0xDD;
		rounds(4);
		return {first, a_ ^ b_ ^ c_ ^ d_};
	}

private:
	void rounds(int count)
	{
		for (int i = 0; i < count; i++) {
			a_ += b_;
			c_ += d_;
			b_ = std::rotl(b_, 13) ^ a_;
			d_ = std::rotl(d_, 16) ^ c_;
			a_ = std::rotl(a_, 32) + d_;
			c_ += b_;
			d_ = std::rotl(d_, 21) ^ a_;
			b_ = std::rotl(b_, 17) ^ c_;
			c_ = std::rotl(c_, 32);
		}
	}

	std::uint64_t a_, b_, c_, d_;
};

std::uint64_t load(char const *bytes, std::size_t size)
{
	std::uint64_t word = 0;
	std::memcpy(&word, bytes, size);
	return word;
}

} // namespace

Hash128 siphash(HashKey const &key, std::string_view text)
{
	SipState state(key);
	std::size_t at = 0;
	for (; at + 8 <= text.size(); at += 8)
		state.take(load(text.data() + at, 8));
	state.take(load(text.data() + at, text.size() - at) | std::uint64_t{text.size()} << 56);
	return state.finish();
}

} // namespace vero
