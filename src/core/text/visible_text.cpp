// Shows any bytes to people without letting them act: as a line of text, and inside HTML.
#include "core/text/visible_text.hpp"

#include "core/text/character.hpp"
#include "core/text/text.hpp"
#include "core/text/tidy_name.hpp"

#include <algorithm>
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

/// Empty where the character stands for itself.
std::string_view html_escape(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return {};
	}
}

} // namespace

std::string to_visible(std::string_view bytes)
{
	if (is_tidy_ascii(bytes)) {
		return std::string(bytes);
	}
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
	std::size_t copied = 0;
	for (std::size_t i = 0; i < text.size(); ++i) {
		auto const escaped = html_escape(text[i]);
		if (!escaped.empty()) {
			out += text.substr(copied, i - copied);
			out += escaped;
			copied = i + 1;
		}
	}
	out += text.substr(copied);
}

std::string undo_html_escapes(std::string_view html)
{
	constexpr std::string_view kEscaped = "&<>\"'";
	std::string text;
	for (;;) {
		std::size_t const plain = std::min(html.find('&'), html.size());
		text += html.substr(0, plain);
		html.remove_prefix(plain);
		if (html.empty())
			return text;
		auto const found =
			std::find_if(kEscaped.begin(), kEscaped.end(), [html](char c) { return html.starts_with(html_escape(c)); });
		bool const is_escape = found != kEscaped.end();
		text += is_escape ? *found : '&';
		html.remove_prefix(is_escape ? html_escape(*found).size() : 1);
	}
}

} // namespace vero
