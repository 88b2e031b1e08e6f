// Reads UTF-16 as UTF-8, and finds the way back.
#pragma once

#include "core/csv/file_format.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace vero {

enum class ByteOrder : unsigned char { little, big };

/// "UTF-16LE", "UTF-16BE"
std::string_view utf16_encoding(ByteOrder order);

/// That of the UTF-16 behind the mark, or nothing if it is not one of UTF-16.
std::optional<ByteOrder> utf16_byte_order(ByteOrderMark mark);

/// What an option calls UTF-16: `UTF-16LE`, `utf16`, `UCS-2BE` ...; nothing where it calls something else.
enum class Utf16Name : unsigned char { any, little, big };
std::optional<Utf16Name> utf16_name(std::string_view name);

/// The byte order of UTF-16 in which most characters of the first bytes are ASCII: every other byte is zero. Nothing where they are
/// not.
std::optional<ByteOrder> zero_byte_order(std::string_view first_bytes);

/// Turns a stream of UTF-16 into UTF-8, however it is cut into chunks. A surrogate without its other half becomes the three
/// bytes that a code point of its number would have, an odd last byte becomes 0xFF and its two halves: neither is well-formed
/// UTF-8, so that the record is rejected, and nothing is lost, as encode_utf16() gives the same bytes again.
class Utf16Decoder {
public:
	explicit Utf16Decoder(ByteOrder order) : order_(order) {}

	/// Appends the UTF-8 of as many of `bytes`, and of what the last call left over, as make whole characters.
	void decode(std::string_view bytes, std::string &out);
	/// Appends what is left over at the end of the stream.
	void finish(std::string &out);

	/// Where in the UTF-16 stream the character at `utf8_offset` of the UTF-8 stream stands. Offsets must not descend from
	/// call to call: what lies before the last one asked for is forgotten.
	std::uint64_t original_offset(std::uint64_t utf8_offset);

private:
	/// Characters that take the same number of bytes each.
	struct Run {
		std::uint64_t utf8_offset;
		std::uint64_t original_offset;
		std::uint32_t utf8_width;
		std::uint32_t original_width;
	};

	void put(std::uint32_t code_point, std::string &out);
	void note(std::uint32_t utf8_width, std::uint32_t original_width);

	ByteOrder order_;
	int odd_byte_ = -1;			  ///< the first half of a code unit, -1: none
	std::uint32_t surrogate_ = 0; ///< a high surrogate that waits for its low one, 0: none
	std::uint64_t utf8_size_ = 0; ///< of what was put out so far
	std::uint64_t original_size_ = 0;
	std::deque<Run> runs_;
};

/// The UTF-16 that Utf16Decoder made `text` of.
std::string encode_utf16(std::string_view text, ByteOrder order);

} // namespace vero
