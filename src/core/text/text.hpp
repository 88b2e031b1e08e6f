// Small questions about text: trimming, UTF-8, unescaping, the other case.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace vero {

/// Without spaces and tabs at either end.
std::string_view trim(std::string_view text);

/// What stands before the first character that trim_unseen() takes for unseen, or behind the last one.
std::string_view seen_beginning(std::string_view text);
std::string_view seen_end(std::string_view text);

/// The part of trim_unseen() that looks at more than the first and the last byte.
std::string_view trim_unseen_slowly(std::string_view text);
/// Without what is not seen at either end: white space of any kind (is_white_space), and controls, zero width and other characters
/// that nothing is drawn for (is_invisible).
inline std::string_view trim_unseen(std::string_view text)
{
	auto const is_seen = [](char c) { return c > ' ' && c < '\x7F'; };
	return !text.empty() && is_seen(text.front()) && is_seen(text.back()) ? text : trim_unseen_slowly(text);
}

/// True where every byte is below 0x80.
bool is_ascii(std::string_view text);

/// Well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF). NUL is well-formed.
bool is_utf8(std::string_view text);

/// True where bytes that are not UTF-8 are text in Windows-1252: every byte beyond ASCII is a letter or a sign there, and they stand alone or
/// in pairs, as in European languages.
bool reads_as_windows_1252(std::string_view bytes);

/// Whether the text is `lower`, which has ASCII letters in lower case, when its own are read in either case.
bool is_in_any_case(std::string_view text, std::string_view lower);

/// Number of characters of well-formed UTF-8.
std::size_t utf8_length(std::string_view text);

/// Any bytes as well-formed UTF-8 without NUL: what is not becomes U+FFFD, one for each maximal subpart (Unicode 15,
/// section 3.9). For showing, never for storing as the value.
std::string to_printable(std::string_view bytes);

/// At most `limit` characters of well-formed UTF-8, with "..." behind them where something was cut.
std::string clip(std::string_view text, std::size_t limit);

/// Characters of a value or a name that a message shows.
constexpr std::size_t kShownLength = 100;

/// Any bytes as a message shows them: to_printable and clip, at a cost that does not grow with them.
std::string clip_printable(std::string_view bytes, std::size_t limit = kShownLength);
void append_clip_printable(std::string &out, std::string_view bytes, std::size_t limit = kShownLength);
/// Does the same, puts the text in double quotes, and writes out what is not seen (to_visible).
std::string quote_clipped(std::string_view bytes, std::size_t limit = kShownLength);

/// 1234567 as 1,234,567.
std::string group_digits(std::int64_t number);
/// 1 as "1 record", 1234 as "1,234 records".
std::string count_of(std::uint64_t count, std::string_view thing);

/// The value of a quoted cell: `escape` before `quote` or before itself is dropped, everything else is kept.
std::string unescape(std::string_view content, char quote, char escape);

/// Lower case, letter by letter (lower_letter; ASCII without tables). Appends to `out`. `text` is well-formed UTF-8.
void append_lower(std::string &out, std::string_view text);
/// Does the same for upper case: one letter for one, so that "ß" stays as it is.
void append_upper(std::string &out, std::string_view text);

/// A number that tells texts apart, or shows that one was damaged: FNV-1a, 64 bits, against damage and chance, not against malice.
constexpr std::uint64_t checksum(std::string_view bytes)
{
	std::uint64_t hash = 0xCBF29CE484222325U;
	for (char const c : bytes) {
		hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
	}
	return hash;
}

} // namespace vero
