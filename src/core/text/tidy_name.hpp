// Names as they are read: without what is not seen.
#pragma once

#include <string>
#include <string_view>

namespace vero {

/// True where every byte is printable ASCII: tidy_name() does no more than trim such a text.
bool is_tidy_ascii(std::string_view text);
/// Says the same of more texts, more slowly: letters of U+00C0 to U+027F may stand in them, too.
bool is_tidy_latin(std::string_view text);
/// A name as it is read: trimmed (trim_unseen), with a space for every blank of another kind, and without what is not seen, unless it
/// shapes what is (is_shaping). What is not UTF-8 stays.
std::string tidy_name(std::string_view text);

} // namespace vero
