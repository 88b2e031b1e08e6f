// Writes the header fields of mail: folded, ASCII, encoded words where the text asks for them.
#include "core/mail/mail_header.hpp"

#include "core/mail/mime_encoding.hpp"
#include "core/text/character.hpp"
#include "core/text/text.hpp"

#include <algorithm>

namespace vero {

namespace {

constexpr std::size_t kMaxEncodedWord = 75;
constexpr std::string_view kBPrefix = "=?UTF-8?B?";
constexpr std::string_view kQPrefix = "=?UTF-8?Q?";
constexpr std::string_view kWordSuffix = "?=";
/// A longer word cannot be folded: encoded it can.
constexpr std::size_t kMaxPlainWord = 70;
/// A parameter's value that is longer goes into sections.
constexpr std::size_t kMaxParameterValue = 55;

/// What may stand for itself in Q, wherever the encoded word stands: RFC 2047, section 5, rule (3).
constexpr bool is_plain_in_q(char c)
{
	return is_alphanumeric_or(c, "!*+-/");
}

/// attribute-char, RFC 2231.
constexpr bool is_plain_in_parameter(char c)
{
	return is_alphanumeric_or(c, "!#$&+-.^_`{|}~");
}

constexpr bool is_printable_ascii(char c)
{
	return c >= ' ' && c <= '~';
}

std::string to_q(std::string_view text)
{
	std::string encoded;
	for (char const c : text) {
		if (c == ' ') {
			encoded.push_back('_');
		} else if (is_plain_in_q(c)) {
			encoded.push_back(c);
		} else {
			append_hex(encoded, '=', c);
		}
	}
	return encoded;
}

std::string to_percent(std::string_view text)
{
	std::string encoded;
	for (char const c : text) {
		if (is_plain_in_parameter(c)) {
			encoded.push_back(c);
		} else {
			append_hex(encoded, '%', c);
		}
	}
	return encoded;
}

std::size_t q_size(std::string_view text)
{
	auto const is_one_byte = [](char c) { return c == ' ' || is_plain_in_q(c); };
	auto const plain = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_one_byte));
	return plain + 3 * (text.size() - plain);
}

std::size_t b_size(std::string_view text)
{
	return (text.size() + 2) / 3 * 4;
}

/// Takes the first character off `text`.
std::string_view take_character(std::string_view &text)
{
	auto const character = text.substr(0, decode_utf8(text, 0).length);
	text.remove_prefix(character.size());
	return character;
}

} // namespace

std::string to_header_text(std::string_view bytes)
{
	std::string const printable = to_printable(bytes);
	std::string text;
	text.reserve(printable.size());
	for (std::string_view rest = printable; !rest.empty();) {
		bool const is_shown = !is_control(decode_utf8(rest, 0).code_point);
		auto const character = take_character(rest);
		text += is_shown ? character : " ";
	}
	return std::string(trim(text));
}

bool is_plain_header_text(std::string_view text)
{
	return std::all_of(text.begin(), text.end(), is_printable_ascii) && text.find("=?") == std::string_view::npos;
}

std::vector<std::string> to_encoded_words(std::string_view text, std::size_t first_limit)
{
	bool const is_q = q_size(text) <= b_size(text);
	auto const encoded_size = [is_q](std::string_view part) { return is_q ? q_size(part) : b_size(part); };
	std::vector<std::string> words;
	while (!text.empty()) {
		std::size_t const limit = words.empty() ? first_limit : kMaxEncodedWord;
		std::size_t const room = limit - kQPrefix.size() - kWordSuffix.size();
		std::size_t size = 0;
		for (std::string_view rest = text; !rest.empty();) {
			std::size_t const next = size + take_character(rest).size();
			if (size != 0 && encoded_size(text.substr(0, next)) > room) {
				break;
			}
			size = next;
		}
		std::string word(is_q ? kQPrefix : kBPrefix);
		if (is_q) {
			word += to_q(text.substr(0, size));
		} else {
			append_base64(word, text.substr(0, size));
		}
		word += kWordSuffix;
		words.push_back(std::move(word));
		text.remove_prefix(size);
	}
	return words;
}

std::vector<std::string> to_unstructured(std::string_view text, std::size_t first_limit)
{
	std::vector<std::string> words;
	bool is_plain = is_plain_header_text(text);
	for (std::string_view rest = text; is_plain && !rest.empty();) {
		auto const end = std::min(rest.find(' '), rest.size());
		words.emplace_back(rest.substr(0, end));
		rest.remove_prefix(std::min(end + 1, rest.size()));
		// An empty word is a second space in a row: at a fold it would make a blank line, or be lost.
		is_plain = end != 0 && end <= kMaxPlainWord;
	}
	return is_plain ? words : to_encoded_words(text, first_limit);
}

std::vector<std::string> to_parameter(std::string_view name, std::string_view value)
{
	auto const named = [name](std::string_view rest) { return std::string(name).append(rest); };
	if (value.size() <= kMaxParameterValue && is_plain_header_text(value) &&
		value.find_first_of("\"\\") == std::string_view::npos) {
		return {named("=\"").append(value).append("\"")};
	}
	std::vector<std::string> sections(1, "UTF-8''");
	for (std::string_view rest = value; !rest.empty();) {
		auto const character = to_percent(take_character(rest));
		if (sections.back().size() + character.size() > kMaxParameterValue) {
			sections.emplace_back();
		}
		sections.back() += character;
	}
	if (sections.size() == 1) {
		return {named("*=").append(sections.front())};
	}
	std::vector<std::string> pieces;
	for (std::size_t i = 0; i < sections.size(); ++i) {
		pieces.push_back(named("*").append(std::to_string(i)).append("*=").append(sections[i]));
		if (i + 1 < sections.size()) {
			pieces.back().push_back(';');
		}
	}
	return pieces;
}

void append_header(std::string &out, std::string_view name, std::span<std::string const> pieces)
{
	out.append(name).append(":");
	std::size_t column = name.size() + 1;
	bool is_line_begun = false;
	for (auto const &piece : pieces) {
		if (is_line_begun && column + 1 + piece.size() > kMailLineWidth) {
			out += "\r\n";
			column = 0;
		}
		out.append(" ").append(piece);
		column += 1 + piece.size();
		is_line_begun = true;
	}
	out += "\r\n";
}

void append_header(std::string &out, std::string_view name, std::string_view value)
{
	std::string const piece(value);
	append_header(out, name, std::span(&piece, 1));
}

} // namespace vero
