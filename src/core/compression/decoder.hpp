// What the formats of archives have in common.
#pragma once

#include "core/text/result.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace vero {

/// Why an archive cannot be read on.
struct ArchiveFault {
	enum class Kind : unsigned char {
		damaged,  ///< its bytes are not what they should be
		cut_off,  ///< it should go on
		trailing, ///< it has ended, and something else follows
		refused,  ///< to read it would take more than there is
	};
	Kind kind;
	std::string words = {}; ///< what is wrong, where there is more to be said; in the library's words, perhaps
	std::size_t behind = 0; ///< how many bytes were taken away behind the place that is meant
};

/// The state of an archive that is being read. It throws std::bad_alloc where there is no memory.
class Decoder {
public:
	Decoder() = default;
	Decoder(Decoder const &) = delete;
	Decoder &operator=(Decoder const &) = delete;
	virtual ~Decoder() = default;

	/// Takes bytes away from the front of `in`, and of `out` those that it has filled, until nothing is left of `out`, or
	/// all of `in` is used and all that comes of it is put out.
	virtual Result<void, ArchiveFault> decode(std::string_view &in, std::span<char> &out) = 0;
	/// Nothing more will come: whether the archive may end behind what was decoded so far.
	virtual Result<void, ArchiveFault> finish() const = 0;
};

} // namespace vero
