// Fuzzes the reading of archives: with any bytes the outcome does not depend on how they are cut, and an archive that was made, cut off or
// changed in one bit is read as it was made, or not to its end.
#include "../support/archive_reading.hpp"
#include "../support/archives.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace {

using vero::Compression;

void require(bool condition)
{
	if (!condition)
		__builtin_trap();
}

// Small enough that nothing of what an input of some kilobytes can become takes long.
constexpr vero::GrowthLimits kLimits{.bytes = 100'000, .times = 100};

/// Sizes from 1 to about `most`, each time another one.
class Sizes {
public:
	Sizes(unsigned seed, std::size_t most) : state_(seed), most_(most) {}
	std::size_t operator()()
	{
		state_ = state_ * 1103515245 + 12345;
		return 1 + (state_ >> 8) % most_;
	}

private:
	unsigned state_;
	std::size_t most_;
};

/// The same archive in one chunk, and in small ones. Where it grows beyond the limits depends on the pieces.
vero::test::ReadArchive read_in_both_ways(Compression compression, std::string_view archive, unsigned seed)
{
	auto const whole = vero::test::read_archive(compression, archive, 1 + archive.size(), 20'000, kLimits);
	auto const cut = vero::test::read_archive(compression, archive, Sizes(seed, 1 + seed % 64),
											  Sizes(seed + 1, 1 + seed % 5000), kLimits);
	require(whole.error.empty() == cut.error.empty());
	if (whole.error.empty())
		require(whole == cut);
	return whole;
}

std::string to_archive(Compression compression, std::string_view text)
{
	return compression == Compression::gzip ? vero::test::to_gzip(text) : vero::test::to_zstd(text);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const *data, std::size_t size)
{
	if (size < 4)
		return 0;
	Compression const compression = data[0] % 2 == 0 ? Compression::gzip : Compression::zstd;
	unsigned const seed = data[1];
	std::size_t const place = data[2] * 256U + data[3];
	std::string_view const bytes(reinterpret_cast<char const *>(data) + 4, size - 4);

	if (data[0] / 2 % 4 == 0) {
		read_in_both_ways(compression, bytes, seed);
		return 0;
	}
	// an archive of one or two parts
	std::size_t const half = data[0] / 8 % 2 == 0 ? bytes.size() : bytes.size() / 2;
	std::string const first = to_archive(compression, bytes.substr(0, half));
	std::string archive = first;
	if (half < bytes.size())
		archive += to_archive(compression, bytes.substr(half));
	auto const read = read_in_both_ways(compression, archive, seed);
	require(read.error.empty() && read.text == bytes);

	std::size_t const cut = place % archive.size();
	if (data[0] / 2 % 4 == 1 && (compression == Compression::gzip || cut >= 4)) {
		auto const less = read_in_both_ways(compression, archive.substr(0, cut), seed);
		require(!less.error.empty() || (cut == first.size() && less.text == bytes.substr(0, half)));
	}
	if (data[0] / 2 % 4 == 2) {
		std::string changed = archive;
		changed[cut] = static_cast<char>(changed[cut] ^ (1 << seed % 8));
		auto const other = read_in_both_ways(compression, changed, seed);
		require(!other.error.empty() || other.text == bytes);
	}
	return 0;
}
