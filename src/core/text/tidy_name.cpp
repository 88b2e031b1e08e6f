// Names as they are read: without what is not seen.
#include "core/text/tidy_name.hpp"

#include "core/text/character.hpp"
#include "core/text/text.hpp"

#include <cstddef>

namespace vero {

bool is_tidy_ascii(std::string_view text)
{
	for (; text.size() >= 8; text.remove_prefix(8)) {
		if (!is_printable_word(text.data())) {
			return false;
		}
	}
	bool is_printable = true; // without branches for the few bytes that are left
	for (char const c : text) {
		is_printable &= static_cast<unsigned char>(c - ' ') < 0x7F - ' ';
	}
	return is_printable;
}

bool is_tidy_latin(std::string_view text)
{
	for (std::size_t position = 0; position < text.size();) {
		auto const byte = static_cast<unsigned char>(text[position]);
		bool const is_latin_lead = byte >= 0xC3 && byte <= 0xC9;
		if (!is_latin_lead && (byte < ' ' || byte >= 0x7F)) {
			return false;
		}
		if (is_latin_lead && (position + 1 == text.size() || (text[position + 1] & 0xC0) != 0x80)) {
			return false;
		}
		position += is_latin_lead ? 2 : 1;
	}
	return true;
}

std::string tidy_name(std::string_view text)
{
	text = trim_unseen(text);
	std::string tidy;
	char32_t last_seen = 0;
	for (std::size_t position = 0; position < text.size();) {
		auto const step = decode_utf8(text, position);
		std::size_t const next = position + step.length;
		if (step.is_well_formed && is_white_space(step.code_point)) {
			tidy += ' ';
			last_seen = 0;
		} else if (!step.is_well_formed || !is_invisible(step.code_point)) {
			tidy += text.substr(position, step.length);
			last_seen = step.code_point;
		} else {
			char32_t const after = next < text.size() ? decode_utf8(text, next).code_point : 0;
			if (is_shaping(last_seen, step.code_point, after)) {
				tidy += text.substr(position, step.length);
			}
		}
		position = next;
	}
	return tidy;
}

} // namespace vero
