// Shows any bytes to people without letting them act: as a line of text, and inside HTML.
#include "core/text/visible_text.hpp"

#include "core/text/character.hpp"
#include "core/text/text.hpp"

#include <array>
#include <cstdio>

namespace vero {

namespace {

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
		char const *const format = c < 0x80 ? "\\x%02X" : c < 0x10000 ? "\\u%04X" : "\\U%08X";
		std::snprintf(escape.data(), escape.size(), format, static_cast<unsigned>(c));
		out += escape.data();
	}
}

} // namespace

std::string to_visible(std::string_view bytes)
{
	std::string const printable = to_printable(bytes);
	std::string visible;
	visible.reserve(printable.size());
	char32_t last_seen = 0;
	for (std::size_t position = 0; position < printable.size();) {
		auto const [character, length, is_well_formed] = decode_utf8(printable, position);
		std::size_t const next = position + length;
		char32_t const after = next < printable.size() ? decode_utf8(printable, next).code_point : 0;
		bool const is_seen = character == ' ' || (!is_white_space(character) && !is_invisible(character));
		if (!is_seen && !is_shaping(last_seen, character, after)) {
			append_escape(visible, character);
			last_seen = 0;
		} else {
			visible.append(printable, position, length);
			last_seen = is_seen ? character : last_seen;
		}
		position = next;
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
