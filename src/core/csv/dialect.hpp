// What a CSV file looks like on the byte level: its delimiter, quote, escape and null string.
#pragma once

#include <string>

namespace vero {

/// All characters are single ASCII bytes, delimiter and quote differ, and neither is CR, LF or NUL: whoever takes them
/// from a user checks that (as COPY does in ProcessCopyOptions, src/backend/commands/copy.c).
struct Dialect {
	char delimiter = ',';
	char quote = '"';
	char escape = '"';		 ///< inside quotes, before a quote or itself: the next character is literal
	std::string null_string; ///< an unquoted cell equal to it, after trimming, has no value

	bool operator==(Dialect const &) const = default;
};

/// White space that is trimmed round cells: space and tab, as far as they are not the delimiter.
inline bool is_blank(char c, char delimiter)
{
	return (c == ' ' || c == '\t') && c != delimiter;
}

inline bool is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

} // namespace vero
