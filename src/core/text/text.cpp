// Small questions about text: trimming, UTF-8, unescaping, the other case.
#include "core/text/text.hpp"

#include "core/text/character.hpp"
#include "core/text/tidy_name.hpp"
#include "core/text/visible_text.hpp"

#include <algorithm>

namespace vero {

namespace {

constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

constexpr bool is_continuation(char c)
{
	return (static_cast<unsigned char>(c) & 0xC0U) == 0x80;
}

/// The first byte that is not ASCII, at or behind `from`; the text's size where there is none.
std::size_t find_beyond_ascii(std::string_view text, std::size_t from)
{
	while (text.size() - from >= 16 && is_ascii_word(text.data() + from) && is_ascii_word(text.data() + from + 8)) {
		from += 16;
	}
	while (text.size() - from >= 8 && is_ascii_word(text.data() + from)) {
		from += 8;
	}
	while (from < text.size() && static_cast<unsigned char>(text[from]) < 0x80) {
		++from;
	}
	return from;
}

/// Appends `text` letter by letter; a template, so that the loop over ASCII becomes vector code.
template <auto map_ascii, auto map_letter> void append_mapped(std::string &out, std::string_view text)
{
	std::size_t position = 0;
	while (position < text.size()) {
		auto const run_end = find_beyond_ascii(text, position);
		auto const run_start_in_out = static_cast<std::ptrdiff_t>(out.size());
		out += text.substr(position, run_end - position);
		std::transform(out.begin() + run_start_in_out, out.end(), out.begin() + run_start_in_out, map_ascii);
		position = run_end;
		if (position < text.size()) {
			auto const step = decode_utf8(text, position);
			if (step.is_well_formed) {
				append_utf8(out, map_letter(step.code_point));
			} else {
				out += text.substr(position, step.length);
			}
			position += step.length;
		}
	}
}

bool is_unseen(Utf8Step const &step)
{
	return step.is_well_formed && (is_white_space(step.code_point) || is_invisible(step.code_point));
}

/// Where the last character of the text begins.
std::size_t last_character(std::string_view text)
{
	std::size_t position = text.size() - 1;
	while (position > 0 && text.size() - position < 4 && is_continuation(text[position])) {
		--position;
	}
	return position;
}

} // namespace

std::string_view trim(std::string_view text)
{
	auto const first = text.find_first_not_of(" \t");
	if (first == std::string_view::npos) {
		return {};
	}
	return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view trim_unseen_slowly(std::string_view text)
{
	while (!text.empty()) {
		auto const step = decode_utf8(text, 0);
		if (!is_unseen(step)) {
			break;
		}
		text.remove_prefix(step.length);
	}
	while (!text.empty()) {
		auto const position = last_character(text);
		auto const step = decode_utf8(text, position);
		if (!is_unseen(step) || position + step.length != text.size()) {
			break;
		}
		text.remove_suffix(step.length);
	}
	return text;
}

std::string_view seen_beginning(std::string_view text)
{
	std::size_t end = 0;
	while (end < text.size()) {
		auto const step = decode_utf8(text, end);
		if (is_unseen(step)) {
			break;
		}
		end += step.length;
	}
	return text.substr(0, end);
}

std::string_view seen_end(std::string_view text)
{
	std::string_view seen = seen_beginning(text);
	while (seen.size() < text.size()) {
		text.remove_prefix(seen.size() + decode_utf8(text, seen.size()).length);
		seen = seen_beginning(text);
	}
	return text;
}

bool is_ascii(std::string_view text)
{
	return find_beyond_ascii(text, 0) == text.size();
}

bool is_utf8(std::string_view text)
{
	std::size_t position = find_beyond_ascii(text, 0);
	while (position < text.size()) {
		while (text.size() - position >= 8 && is_word_of_pairs(text.data() + position)) {
			position += 8;
		}
		if (position == text.size()) {
			break;
		}
		auto const step = decode_utf8(text, position);
		if (!step.is_well_formed) {
			return false;
		}
		position += step.length;
		// In scripts beyond ASCII the next byte is rarely ASCII: looking for a run of it is not worth the call.
		if (position < text.size() && static_cast<unsigned char>(text[position]) < 0x80) {
			position = find_beyond_ascii(text, position);
		}
	}
	return true;
}

bool reads_as_windows_1252(std::string_view bytes)
{
	constexpr std::string_view kUnused = "\x81\x8D\x8F\x90\x9D";
	std::size_t run = 0;
	for (std::size_t position = 0; position < bytes.size();) {
		auto const step = decode_utf8(bytes, position);
		bool const is_ascii = step.is_well_formed && step.length == 1;
		if (step.is_well_formed && (!is_ascii || bytes[position] == '\0')) {
			return false;
		}
		run = is_ascii ? 0 : run + step.length;
		if (run > 2 ||
			(!is_ascii && bytes.substr(position, step.length).find_first_of(kUnused) != std::string_view::npos)) {
			return false;
		}
		position += step.length;
	}
	return !is_utf8(bytes);
}

bool is_in_any_case(std::string_view text, std::string_view lower)
{
	return std::equal(lower.begin(), lower.end(), text.begin(), text.end(),
					  [](char letter, char c) { return lower_ascii(c) == letter; });
}

std::size_t utf8_length(std::string_view text)
{
	std::size_t continuations = 0;
	auto const size = text.size();
	for (; text.size() >= 8; text.remove_prefix(8)) {
		continuations += count_continuations(text.data());
	}
	continuations += static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_continuation));
	return size - continuations;
}

std::string to_printable(std::string_view bytes)
{
	std::string printable;
	printable.reserve(bytes.size());
	std::size_t copied = 0;
	for (std::size_t position = 0; position < bytes.size();) {
		auto const step = decode_utf8(bytes, position);
		if (!step.is_well_formed || step.code_point == 0) {
			printable += bytes.substr(copied, position - copied);
			printable += kReplacementCharacter;
			copied = position + step.length;
		}
		position += step.length;
	}
	printable += bytes.substr(copied);
	return printable;
}

std::string clip(std::string_view text, std::size_t limit)
{
	std::size_t position = 0;
	for (std::size_t characters = 0; position < text.size(); ++characters) {
		if (characters == limit) {
			return std::string(text.substr(0, position)) + "...";
		}
		++position;
		while (position < text.size() && is_continuation(text[position])) {
			++position;
		}
	}
	return std::string(text);
}

void append_clip_printable(std::string &out, std::string_view bytes, std::size_t limit)
{
	if (bytes.size() <= limit && is_tidy_ascii(bytes)) {
		out += bytes;
	} else {
		// so many bytes are more characters than are shown, and the last one may be cut
		out += clip(to_printable(bytes.substr(0, 4 * (limit + 1))), limit);
	}
}

std::string clip_printable(std::string_view bytes, std::size_t limit)
{
	std::string shown;
	append_clip_printable(shown, bytes, limit);
	return shown;
}

std::string quote_clipped(std::string_view bytes, std::size_t limit)
{
	std::string quoted;
	quoted.reserve(std::min(bytes.size(), limit) + 2);
	quoted += '"';
	if (bytes.size() <= limit && is_tidy_ascii(bytes)) {
		quoted += bytes;
	} else {
		quoted += to_visible(clip_printable(bytes, limit));
	}
	quoted += '"';
	return quoted;
}

std::string group_digits(std::int64_t number)
{
	std::string digits = std::to_string(number);
	std::size_t const first = number < 0 ? 1 : 0;
	for (std::size_t i = digits.size(); i > first + 3;) {
		i -= 3;
		digits.insert(i, ",");
	}
	return digits;
}

std::string count_of(std::uint64_t count, std::string_view thing)
{
	return group_digits(static_cast<std::int64_t>(count)).append(" ").append(thing).append(count == 1 ? "" : "s");
}

std::string unescape(std::string_view content, char quote, char escape)
{
	std::string value;
	value.reserve(content.size());
	for (;;) {
		auto const found = content.find(escape);
		// The last byte has nothing behind it to escape.
		if (found == std::string_view::npos || found + 1 == content.size()) {
			value += content;
			return value;
		}
		char const next = content[found + 1];
		bool const is_dropped = next == quote || next == escape;
		value += content.substr(0, found);
		value.push_back(is_dropped ? next : escape);
		content.remove_prefix(found + (is_dropped ? 2 : 1));
	}
}

void append_lower(std::string &out, std::string_view text)
{
	append_mapped<lower_ascii, lower_letter>(out, text);
}

void append_upper(std::string &out, std::string_view text)
{
	append_mapped<upper_ascii, upper_letter>(out, text);
}

} // namespace vero
