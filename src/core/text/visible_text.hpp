// Shows any bytes to people without letting them act: as a line of text, and inside HTML.
#pragma once

#include <string>
#include <string_view>

namespace vero {

/// One line of well-formed UTF-8 in which nothing acts unseen, and nothing looks like a space that is none. Control characters become
/// escapes as in E'...' (`\n`, `\t`, `\x1B`), and so do white space other than a space, and what is not seen (`\u00A0`, `\u202E`,
/// `\U000E0041`), unless it shapes what is (is_shaping). Bytes that are not UTF-8, and NUL, become U+FFFD (to_printable). For showing
/// only: a backslash stays one.
std::string to_visible(std::string_view bytes);

/// Appends the text so that it is text wherever HTML takes text, also inside a quoted attribute: & < > " ' become entities.
void append_html_escaped(std::string &out, std::string_view text);

/// The text that append_html_escaped() has made such HTML of; what else stands in it stays as it is.
std::string undo_html_escapes(std::string_view html);

} // namespace vero
