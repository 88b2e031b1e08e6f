// Fuzzes the way from UTF-16 to UTF-8 and back against a plain decoder that sees the whole.
#include "core/csv/utf16.hpp"
#include "core/text/text.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

void require(bool condition)
{
	if (!condition)
		__builtin_trap();
}

/// What one character, one lone surrogate or the odd last byte becomes.
struct Piece {
	std::string text;
	std::size_t original_size;
	bool is_well_formed;
};

std::string three_bytes(unsigned unit)
{
	return {static_cast<char>(0xE0 + unit / 4096), static_cast<char>(0x80 + unit / 64 % 64),
			static_cast<char>(0x80 + unit % 64)};
}

std::string utf8(unsigned point)
{
	if (point < 0x80)
		return {static_cast<char>(point)};
	if (point < 0x800)
		return {static_cast<char>(0xC0 + point / 64), static_cast<char>(0x80 + point % 64)};
	if (point < 0x10000)
		return three_bytes(point);
	return {static_cast<char>(0xF0 + point / 262144), static_cast<char>(0x80 + point / 4096 % 64),
			static_cast<char>(0x80 + point / 64 % 64), static_cast<char>(0x80 + point % 64)};
}

std::vector<Piece> decode_plainly(std::string_view bytes, vero::ByteOrder order)
{
	auto const byte = [bytes](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(bytes[i])); };
	auto const is_big = order == vero::ByteOrder::big;
	std::vector<unsigned> units;
	for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
		units.push_back(is_big ? byte(i) * 256 + byte(i + 1) : byte(i + 1) * 256 + byte(i));
	std::vector<Piece> pieces;
	for (std::size_t i = 0; i < units.size(); ++i) {
		auto const kind = units[i] / 0x400; // 0x36: high surrogates, 0x37: low ones
		if (kind == 0x36 && i + 1 < units.size() && units[i + 1] / 0x400 == 0x37) {
			pieces.push_back({utf8(0x10000 + units[i] % 0x400 * 0x400 + units[i + 1] % 0x400), 4, true});
			++i;
		} else {
			pieces.push_back({utf8(units[i]), 2, kind != 0x36 && kind != 0x37});
		}
	}
	if (bytes.size() % 2 != 0) {
		auto const last = byte(bytes.size() - 1);
		pieces.push_back(
			{{'\xFF', static_cast<char>(0x80 + last / 16), static_cast<char>(0x80 + last % 16)}, 1, false});
	}
	return pieces;
}

/// Numbers that follow from the input.
class Numbers {
public:
	explicit Numbers(unsigned seed) : state_(seed) {}
	unsigned next() { return (state_ = state_ * 1103515245 + 12345) >> 16; }

private:
	unsigned state_;
};

/// In chunks, asking for original offsets on the way, any distance behind.
std::string decode(std::string_view bytes, vero::ByteOrder order, std::vector<Piece> const &pieces,
				   unsigned most_in_chunk, Numbers &numbers)
{
	vero::Utf16Decoder decoder(order);
	std::string text;
	std::size_t piece = 0;
	std::size_t text_offset = 0;
	std::size_t original_offset = 0;
	auto const ask = [&] {
		while (piece < pieces.size() && text_offset + pieces[piece].text.size() <= text.size() &&
			   numbers.next() % 8 != 0) {
			if (numbers.next() % 2 == 0)
				require(decoder.original_offset(text_offset) == original_offset);
			text_offset += pieces[piece].text.size();
			original_offset += pieces[piece].original_size;
			++piece;
		}
	};
	for (std::size_t at = 0; at < bytes.size();) {
		auto const chunk = bytes.substr(at, numbers.next() % (most_in_chunk + 1));
		decoder.decode(chunk, text);
		at += chunk.size();
		ask();
	}
	decoder.finish(text);
	while (piece < pieces.size())
		ask();
	require(decoder.original_offset(text.size()) == bytes.size());
	return text;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const *data, std::size_t size)
{
	if (size < 2)
		return 0;
	auto const order = data[0] % 2 == 0 ? vero::ByteOrder::little : vero::ByteOrder::big;
	Numbers numbers(data[1]);
	std::string_view const bytes(reinterpret_cast<char const *>(data) + 2, size - 2);

	auto const pieces = decode_plainly(bytes, order);
	std::string expected;
	bool is_well_formed = true;
	for (auto const &piece : pieces) {
		expected += piece.text;
		is_well_formed = is_well_formed && piece.is_well_formed;
	}
	std::string const text = decode(bytes, order, pieces, 1 + data[0] / 2, numbers);
	require(text == expected);
	require(vero::is_utf8(text) == is_well_formed);
	require(vero::encode_utf16(text, order) == bytes);
	auto const cut = pieces.empty() ? 0 : numbers.next() % pieces.size();
	std::size_t cut_offset = 0;
	for (std::size_t i = 0; i < cut; ++i)
		cut_offset += pieces[i].text.size();
	require(vero::encode_utf16(std::string_view(text).substr(0, cut_offset), order) +
				vero::encode_utf16(std::string_view(text).substr(cut_offset), order) ==
			bytes);
	return 0;
}
