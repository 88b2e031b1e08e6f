// Decoders of what mail encodes, as plain and as strict as can be: what the encoders are tested against.
#pragma once

#include "core/text/text.hpp"
#include "support/plain_utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace vero::test {

struct MalformedMail : std::runtime_error {
	using std::runtime_error::runtime_error;
};

inline void expect_mail(bool condition, char const *rule)
{
	if (!condition) {
		throw MalformedMail(rule);
	}
}

using Lines = std::vector<std::string>;

/// The lines without their CRLF: ASCII (but where SMTPUTF8 is allowed), printable but for tabs, 998 bytes at most.
inline Lines split_lines(std::string_view bytes)
{
	Lines lines;
	while (!bytes.empty()) {
		auto const end = bytes.find("\r\n");
		expect_mail(end != std::string_view::npos, "the last line has no end");
		std::string_view const line = bytes.substr(0, end);
		expect_mail(line.size() <= 998, "a line is too long");
		expect_mail(std::all_of(line.begin(), line.end(),
								[](char c) { return c == '\t' || static_cast<unsigned char>(c) >= ' '; }),
					"a control character");
		expect_mail(!line.starts_with('.'), "a line begins with a dot");
		lines.emplace_back(line);
		bytes.remove_prefix(end + 2);
	}
	return lines;
}

inline std::string join_lines(Lines const &lines, std::string_view end)
{
	std::string text;
	for (auto const &line : lines) {
		text.append(line).append(end);
	}
	return text;
}

inline int hex_value(char digit)
{
	auto const value = std::string_view("0123456789ABCDEF").find(digit);
	expect_mail(value != std::string_view::npos, "no hexadecimal digit");
	return static_cast<int>(value);
}

/// `mark` and two digits are a byte, everything else itself.
inline std::string decode_hex(std::string_view text, char mark)
{
	std::string bytes;
	for (std::size_t i = 0; i < text.size(); ++i) {
		if (text[i] != mark) {
			bytes.push_back(text[i]);
			continue;
		}
		expect_mail(i + 2 < text.size(), "an escape is cut");
		bytes.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
		i += 2;
	}
	return bytes;
}

inline std::string decode_quoted_printable(Lines const &lines)
{
	std::string bytes;
	for (auto const &line : lines) {
		expect_mail(line.size() <= 76, "a quoted line is too long");
		expect_mail(is_ascii(line) && line.find('\x7F') == std::string::npos, "a byte is not quoted");
		expect_mail(!line.ends_with(' ') && !line.ends_with('\t'), "white space at the end of a line");
		expect_mail(!line.starts_with("From "), "a line that mailboxes change");
		bool const is_soft = line.ends_with('=');
		bytes += decode_hex(line.substr(0, line.size() - (is_soft ? 1 : 0)), '=') + (is_soft ? "" : "\r\n");
	}
	return bytes;
}

inline std::string decode_base64(std::string text)
{
	static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	expect_mail(text.size() % 4 == 0, "base64 is not padded");
	std::size_t padding = 0;
	while (padding < 2 && text.ends_with('=')) {
		text.pop_back();
		++padding;
	}
	std::string bytes;
	unsigned bits = 0;
	unsigned count = 0;
	for (char const c : text) {
		auto const value = digits.find(c);
		expect_mail(value != std::string_view::npos, "no digit of base64");
		bits = bits << 6U | static_cast<unsigned>(value);
		count += 6;
		if (count >= 8) {
			count -= 8;
			bytes.push_back(static_cast<char>(bits >> count & 0xFFU));
			bits &= (1U << count) - 1;
		}
	}
	expect_mail(bits == 0 && count == padding * 2, "padding is wrong");
	return bytes;
}

/// Nothing where the word is no encoded word.
inline std::optional<std::string> decode_word(std::string_view word)
{
	if (!word.starts_with("=?")) {
		expect_mail(word.find("=?") == std::string_view::npos, "what looks like an encoded word is none");
		return std::nullopt;
	}
	expect_mail(word.size() <= 75 && word.size() > 12 && word.ends_with("?="), "a broken encoded word");
	auto const kind = word.substr(0, 10);
	auto text = std::string(word.substr(10, word.size() - 12));
	expect_mail(text.find('?') == std::string::npos, "an encoded word has a question mark");
	if (kind == "=?UTF-8?B?") {
		text = decode_base64(text);
	} else {
		expect_mail(kind == "=?UTF-8?Q?", "an unknown encoding");
		expect_mail(text.find_first_of("\"(),.:;<>@[\\] ") == std::string::npos, "Q has what a phrase must not");
		std::replace(text.begin(), text.end(), '_', ' ');
		text = decode_hex(text, '=');
	}
	expect_mail(is_utf8_plain(text), "a character is split between encoded words");
	return text;
}

/// The text of an unstructured header, or a phrase without quotes.
inline std::string decode_words(std::string_view text)
{
	std::string decoded;
	bool is_after_encoded = false;
	for (bool is_first = true; is_first || !text.empty(); is_first = false) {
		auto const end = std::min(text.find(' '), text.size());
		auto const word = text.substr(0, end);
		auto const encoded = decode_word(word);
		if (!is_first && !(encoded && is_after_encoded)) {
			decoded.push_back(' ');
		}
		decoded += encoded ? *encoded : std::string(word);
		is_after_encoded = encoded.has_value();
		text.remove_prefix(std::min(end + 1, text.size()));
	}
	return decoded;
}

/// Line by line what to_mail_lines() promises.
inline std::string mail_lines_plain(std::string_view text)
{
	std::string lines;
	for (std::size_t i = 0; i < text.size(); ++i) {
		bool const is_line_end = text[i] == '\r' || text[i] == '\n';
		i += text.substr(i).starts_with("\r\n") ? 1 : 0;
		lines += is_line_end ? "\r\n" : std::string(1, text[i]);
		if (i + 1 == text.size() && !is_line_end) {
			lines += "\r\n";
		}
	}
	return lines;
}

} // namespace vero::test
