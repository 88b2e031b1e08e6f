// Finds an email address in a text, however it is spelled there.
#pragma once

#include <string_view>

namespace vero {

/// True where an address whose normal form is `normal` stands in `text`, which may be any bytes: a record, a page, a mail. An address ends
/// where a character stands that none can hold, or one that is not seen, as it is or as to_visible() writes it; apostrophes and the like before it may be quotes.
bool has_address(std::string_view text, std::string_view normal);

} // namespace vero
