// Reads UTF-16 as UTF-8, and finds the way back.
#include "core/csv/utf16.hpp"

#include "core/text/character.hpp"

#include <array>

namespace vero {
namespace {

bool is_high_surrogate(std::uint32_t unit)
{
	return unit >= 0xD800 && unit < 0xDC00;
}

bool is_low_surrogate(std::uint32_t unit)
{
	return unit >= 0xDC00 && unit < 0xE000;
}

std::uint32_t width_of_lead(unsigned char lead)
{
	return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

void append_unit(std::string &out, std::uint32_t unit, ByteOrder order)
{
	char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
	out += order == ByteOrder::big ? high : low;
	out += order == ByteOrder::big ? low : high;
}

} // namespace

std::string_view utf16_encoding(ByteOrder order)
{
	return order == ByteOrder::little ? "UTF-16LE" : "UTF-16BE";
}

std::optional<ByteOrder> utf16_byte_order(ByteOrderMark mark)
{
	if (mark == ByteOrderMark::utf16_little_endian)
		return ByteOrder::little;
	if (mark == ByteOrderMark::utf16_big_endian)
		return ByteOrder::big;
	return std::nullopt;
}

std::optional<Utf16Name> utf16_name(std::string_view name)
{
	std::string letters;
	for (char const c : name) {
		if (is_alphanumeric(c))
			letters += lower_ascii(c);
	}
	for (std::string const &stem : {std::string("utf16"), std::string("ucs2")}) {
		if (letters == stem)
			return Utf16Name::any;
		if (letters == stem + "le")
			return Utf16Name::little;
		if (letters == stem + "be")
			return Utf16Name::big;
	}
	return std::nullopt;
}

std::optional<ByteOrder> zero_byte_order(std::string_view first_bytes)
{
	std::array<std::size_t, 2> zeros{}; // at even places, at odd ones
	for (std::size_t i = 0; i < first_bytes.size(); i++)
		zeros[i % 2] += first_bytes[i] == '\0' ? 1 : 0;
	std::size_t const units = first_bytes.size() / 2;
	auto const is_order = [&](std::size_t many, std::size_t few) {
		return units > 1 && 10 * many > 6 * units && 20 * few < units;
	};
	if (is_order(zeros[1], zeros[0]))
		return ByteOrder::little;
	if (is_order(zeros[0], zeros[1]))
		return ByteOrder::big;
	return std::nullopt;
}

void Utf16Decoder::decode(std::string_view bytes, std::string &out)
{
	for (char c : bytes) {
		int byte = static_cast<unsigned char>(c);
		if (odd_byte_ < 0) {
			odd_byte_ = byte;
			continue;
		}
		auto unit =
			static_cast<std::uint32_t>(order_ == ByteOrder::big ? odd_byte_ << 8 | byte : byte << 8 | odd_byte_);
		odd_byte_ = -1;
		if (surrogate_ != 0 && is_low_surrogate(unit)) {
			put(0x10000 + ((surrogate_ - 0xD800) << 10) + (unit - 0xDC00), out);
			surrogate_ = 0;
			continue;
		}
		if (surrogate_ != 0)
			put(surrogate_, out);
		surrogate_ = is_high_surrogate(unit) ? unit : 0;
		if (surrogate_ == 0)
			put(unit, out);
	}
}

void Utf16Decoder::finish(std::string &out)
{
	if (surrogate_ != 0)
		put(surrogate_, out);
	surrogate_ = 0;
	if (odd_byte_ >= 0) {
		// in halves, so that it can't be taken for a delimiter or a line end
		out += '\xFF';
		out += static_cast<char>(0x80 | odd_byte_ >> 4);
		out += static_cast<char>(0x80 | (odd_byte_ & 0xF));
		note(3, 1);
	}
	odd_byte_ = -1;
}

void Utf16Decoder::put(std::uint32_t code_point, std::string &out)
{
	std::size_t const size_before = out.size();
	append_utf8(out, code_point);
	note(static_cast<std::uint32_t>(out.size() - size_before), code_point < 0x10000 ? 2 : 4);
}

void Utf16Decoder::note(std::uint32_t utf8_width, std::uint32_t original_width)
{
	if (runs_.empty() || runs_.back().utf8_width != utf8_width || runs_.back().original_width != original_width)
		runs_.push_back({utf8_size_, original_size_, utf8_width, original_width});
	utf8_size_ += utf8_width;
	original_size_ += original_width;
}

std::uint64_t Utf16Decoder::original_offset(std::uint64_t utf8_offset)
{
	while (runs_.size() > 1 && runs_[1].utf8_offset <= utf8_offset)
		runs_.pop_front();
	if (runs_.empty())
		return 0;
	Run const &run = runs_.front();
	return run.original_offset + (utf8_offset - run.utf8_offset) / run.utf8_width * run.original_width;
}

std::string encode_utf16(std::string_view text, ByteOrder order)
{
	std::string out;
	for (std::size_t at = 0; at < text.size();) {
		auto lead = static_cast<unsigned char>(text[at]);
		if (lead == 0xFF) {
			out += static_cast<char>(text[at + 1] << 4 | (text[at + 2] & 0xF));
			break;
		}
		std::uint32_t width = width_of_lead(lead);
		std::uint32_t code_point = width == 1 ? lead : lead & (0x7FU >> width);
		for (std::uint32_t i = 1; i < width; i++)
			code_point = code_point << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3F);
		at += width;
		if (code_point < 0x10000) {
			append_unit(out, code_point, order);
			continue;
		}
		append_unit(out, 0xD800 + ((code_point - 0x10000) >> 10), order);
		append_unit(out, 0xDC00 + ((code_point - 0x10000) & 0x3FF), order);
	}
	return out;
}

} // namespace vero
