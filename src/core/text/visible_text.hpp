// Shows any bytes to people without letting them act: as a line of text, and inside HTML.
#pragma once

#include <string>
#include <string_view>

namespace vero {

/// One line of well-formed UTF-8 in which nothing acts unseen. Control characters become escapes as in E'...' (`\n`, `\t`,
/// `\x1B`), and so do separators of lines, characters that turn the direction of writing, byte order marks, and the zero-width
/// space and word joiner (`\u202E`); a joiner inside a word stays. Bytes that are not UTF-8, and NUL, become U+FFFD
/// (to_printable). For showing only: a backslash stays one.
std::string to_visible(std::string_view bytes);

/// Appends the text so that it is text wherever HTML takes text, also inside a quoted attribute: & < > " ' become entities.
void append_html_escaped(std::string &out, std::string_view text);

} // namespace vero
