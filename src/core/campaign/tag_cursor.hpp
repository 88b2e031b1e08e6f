// Walks through the content of a merge tag, token by token.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace vero {

/// White space in and round merge tags, as in Liquid.
constexpr std::string_view kTagBlanks = " \t\n\v\f\r";

/// Why a tag is refused, in words for its author.
struct TagError {
	std::size_t offset; ///< in the tag's content, in bytes
	std::string message;
	std::string hint; ///< a sentence, possibly empty
};

/// What somebody wrote, in quotes for a message: clipped, and on one line (to_visible).
std::string shown(std::string_view text);

/// Every function that looks for something skips the white space before it. Lends views of the content.
class TagCursor {
public:
	/// `content` is well-formed UTF-8 without NUL.
	explicit TagCursor(std::string_view content) : content_(content) {}

	/// Of the next token's first byte, in bytes.
	std::size_t position();
	bool is_at_end() { return position() == content_.size(); }
	/// The next token's first byte; NUL at the end.
	char next();
	/// True where `c` was next and is now behind.
	bool skip(char c);

	/// Letters, digits, `_` and, but at the beginning, `-`. Empty where there is none.
	std::string_view read_word();
	/// What stands in quotes; nothing where no quote is next, or it is not closed: then the cursor stays where it is.
	std::optional<std::string_view> read_quoted();
	/// Digits, maybe with `-` before and with a fraction behind. Empty where there are none.
	std::string_view read_number();

	/// The next character in words: `"x"`, `"“" (U+201C)`, `the end of the tag`.
	std::string describe_next();
	/// Whether it is a quotation mark of typography.
	bool is_at_curly_quote();

private:
	char32_t next_character();

	std::string_view content_;
	std::size_t position_ = 0;
};

} // namespace vero
