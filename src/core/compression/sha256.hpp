// SHA-256 (FIPS 180-4) of bytes that come piece by piece.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vero {

using Sha256Digest = std::array<std::uint8_t, 32>;

/// By the processor's instructions for it, where it has them.
class Sha256 {
public:
	enum class Way : unsigned char { fastest, plain };

	explicit Sha256(Way way = Way::fastest);

	/// True where the processor has them: it is many times as fast then.
	static bool has_instructions();

	void add(std::string_view bytes);
	/// Of all that was added; more may be added afterwards.
	Sha256Digest digest() const;

private:
	static constexpr std::size_t kBlockSize = 64;

	/// Takes whole blocks of `bytes` into `state`.
	using Compress = void (*)(std::uint32_t *state, char const *bytes, std::size_t blocks);

	Compress compress_;
	std::array<std::uint32_t, 8> state_;
	std::array<char, kBlockSize> rest_; ///< of a block that is not yet whole
	std::uint64_t size_ = 0;			///< of all that was added
};

} // namespace vero
