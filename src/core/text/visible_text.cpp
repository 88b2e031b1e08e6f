// Shows any bytes to people without letting them act: as a line of text, and inside HTML.
#include "core/text/visible_text.hpp"

#include "core/text/character.hpp"
#include "core/text/text.hpp"

#include <array>
#include <cstdio>

namespace vero {

namespace {

/// True for what shows nothing, or changes how the text round it shows.
bool is_acting(char32_t c)
{
	bool const is_direction =
		c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
	bool const is_empty = c == 0x200B || c == 0x2060 || c == 0xFEFF;
	return is_control(c) || is_direction || is_empty;
}

void append_escape(std::string &out, char32_t c)
{
	switch (c) {
	case '\n':
		out += "\\n";
		return;
	case '\r':
		out += "\\r";
		return;
	case '\t':
		out += "\\t";
		return;
	default:
		std::array<char, 16> escape{};
		std::snprintf(escape.data(), escape.size(), c < 0x80 ? "\\x%02X" : "\\u%04X", static_cast<unsigned>(c));
		out += escape.data();
	}
}

} // namespace

std::string to_visible(std::string_view bytes)
{
	std::string const printable = to_printable(bytes);
	std::string visible;
	visible.reserve(printable.size());
	for (std::size_t position = 0; position < printable.size();) {
		auto const step = decode_utf8(printable, position);
		if (is_acting(step.code_point)) {
			append_escape(visible, step.code_point);
		} else {
			visible.append(printable, position, step.length);
		}
		position += step.length;
	}
	return visible;
}

void append_html_escaped(std::string &out, std::string_view text)
{
	for (;;) {
		auto const special = text.find_first_of("&<>\"'");
		out += text.substr(0, special);
		if (special == std::string_view::npos) {
			return;
		}
		switch (text[special]) {
		case '&':
			out += "&amp;";
			break;
		case '<':
			out += "&lt;";
			break;
		case '>':
			out += "&gt;";
			break;
		case '"':
			out += "&quot;";
			break;
		default:
			out += "&#39;";
		}
		text.remove_prefix(special + 1);
	}
}

} // namespace vero
