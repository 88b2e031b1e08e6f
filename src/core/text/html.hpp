// Puts text into HTML.
#pragma once

#include <string>
#include <string_view>

namespace vero {

/// Appends the text so that it is text wherever HTML takes text, also inside a quoted attribute: & < > " ' become entities.
inline void append_html_escaped(std::string &out, std::string_view text)
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
