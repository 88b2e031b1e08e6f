// Writes the header fields of mail: folded, ASCII, encoded words where the text asks for them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vero {

/// Lines of a header are folded at so many bytes, where they can be.
constexpr std::size_t kMailLineWidth = 76;

/// Any bytes as the text of a header: well-formed UTF-8, a space for each control character and line separator, no white
/// space at either end. Such text cannot begin another header.
std::string to_header_text(std::string_view bytes);

/// True where the text means itself in a header: printable ASCII without anything that looks like an encoded word.
bool is_plain_header_text(std::string_view text);

/// The text as encoded words (RFC 2047), B or Q, whichever is shorter in all: each at most 75 characters long, the first
/// at most `first_limit` (at least 24), no character split between two. They may stand in a phrase too. `text` is well-formed UTF-8.
std::vector<std::string> to_encoded_words(std::string_view text, std::size_t first_limit = 75);

/// The text, which to_header_text() made, as the pieces between which an unstructured header may be folded: its words, or
/// encoded words. `first_limit` as in to_encoded_words().
std::vector<std::string> to_unstructured(std::string_view text, std::size_t first_limit);

/// A parameter of a MIME header as pieces, each ended by ";" but the last: `name="value"`, or encoded and, if it is long, in
/// sections by RFC 2231. `value` is what to_header_text() made.
std::vector<std::string> to_parameter(std::string_view name, std::string_view value);

/// Appends "Name: piece piece\r\n", folded between pieces. The pieces have no controls.
void append_header(std::string &out, std::string_view name, std::span<std::string const> pieces);
/// Appends a header of one piece.
void append_header(std::string &out, std::string_view name, std::string_view value);

} // namespace vero
