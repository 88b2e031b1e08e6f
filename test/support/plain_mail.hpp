// A reader of mail as plain and as strict as can be: what the writer is tested against.
#pragma once

#include "support/plain_mime.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vero::test {

struct PlainHeader {
	std::string name;
	std::string text; ///< unfolded
};

/// A message or a part of one.
struct PlainPart {
	std::vector<PlainHeader> headers;
	std::string content; ///< decoded; of a multipart it is empty
	std::vector<PlainPart> parts;

	std::vector<std::string> names() const
	{
		std::vector<std::string> all;
		for (auto const &header : headers) {
			all.push_back(header.name);
		}
		return all;
	}

	/// Of the one header with the name.
	std::string text_of(std::string_view name) const
	{
		std::string const *found = nullptr;
		for (auto const &header : headers) {
			if (header.name == name) {
				expect_mail(found == nullptr, "a header is there twice");
				found = &header.text;
			}
		}
		expect_mail(found != nullptr, "a header is missing");
		return *found;
	}
};

/// Takes the headers and the empty line behind them off `lines`.
inline std::vector<PlainHeader> take_headers(Lines &lines)
{
	std::vector<PlainHeader> headers;
	std::size_t i = 0;
	for (; i < lines.size() && !lines[i].empty(); ++i) {
		auto const &line = lines[i];
		expect_mail(line.find('\t') == std::string::npos, "a tab in a header");
		if (line.starts_with(' ')) {
			expect_mail(!headers.empty() && line.find_first_not_of(' ') == 1, "a folded line that is blank");
			headers.back().text += line;
			continue;
		}
		auto const colon = line.find(':');
		expect_mail(colon != std::string::npos && colon != 0, "a header without a name");
		auto const name = line.substr(0, colon);
		expect_mail(std::all_of(name.begin(), name.end(), [](char c) { return c == '-' || std::isalpha(c) != 0; }),
					"an odd name of a header");
		bool const is_empty = colon + 1 == line.size();
		expect_mail(is_empty || (line[colon + 1] == ' ' && line.size() > colon + 2), "no space behind a colon");
		headers.push_back({name, is_empty ? "" : line.substr(colon + 2)});
	}
	expect_mail(i < lines.size(), "no empty line behind the headers");
	lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(i) + 1);
	return headers;
}

/// The value of a parameter that stands behind the first ";" of a header, in quotes, plain, or by RFC 2231.
inline std::string parameter_of(std::string const &header, std::string const &name)
{
	std::string value;
	std::size_t sections = 0;
	auto rest = header.substr(std::min(header.find(';'), header.size()));
	while (!rest.empty()) {
		expect_mail(rest.starts_with("; "), "no \"; \" before a parameter");
		auto const equals = rest.find('=');
		expect_mail(equals != std::string::npos, "a parameter without a value");
		auto key = rest.substr(2, equals - 2);
		rest.erase(0, equals + 1);
		if (rest.starts_with('"')) {
			auto const quote = rest.find('"', 1);
			expect_mail(quote != std::string::npos && key == name, "quotes that are open, or another parameter");
			value += rest.substr(1, quote - 1);
			expect_mail(value.find('\\') == std::string::npos, "a backslash in quotes");
			rest.erase(0, quote + 1);
			++sections;
			continue;
		}
		auto text = rest.substr(0, std::min(rest.find(';'), rest.size()));
		rest.erase(0, text.size());
		if (key != name) {
			expect_mail(key == name + "*" || key == name + "*" + std::to_string(sections) + "*", "another parameter");
			expect_mail(sections != 0 || text.starts_with("UTF-8''"), "no charset");
			text = decode_hex(text.substr(sections == 0 ? 7 : 0), '%');
		}
		value += text;
		++sections;
	}
	expect_mail(sections != 0, "no such parameter");
	return value;
}

inline PlainPart read_part(Lines lines);

/// Everything between the delimiters; neither preamble nor epilogue.
inline std::vector<PlainPart> read_parts(Lines const &lines, std::string const &boundary)
{
	std::vector<PlainPart> parts;
	expect_mail(!lines.empty() && lines[0] == "--" + boundary, "a preamble");
	Lines part;
	for (std::size_t i = 1; i < lines.size(); ++i) {
		if (!lines[i].starts_with("--" + boundary)) {
			part.push_back(lines[i]);
			continue;
		}
		// The CRLF before a delimiter belongs to it: an empty line here.
		expect_mail(!part.empty() && part.back().empty(), "no empty line before a delimiter");
		part.pop_back();
		parts.push_back(read_part(std::exchange(part, {})));
		auto const tail = lines[i].substr(boundary.size() + 2);
		expect_mail(tail.empty() || (tail == "--" && i + 1 == lines.size()), "another delimiter, or an epilogue");
	}
	expect_mail(lines.back() == "--" + boundary + "--", "no closing delimiter");
	return parts;
}

inline PlainPart read_part(Lines lines)
{
	PlainPart part;
	part.headers = take_headers(lines);
	auto const type = part.text_of("Content-Type");
	if (type.starts_with("multipart/")) {
		part.parts = read_parts(lines, parameter_of(type, "boundary"));
		return part;
	}
	auto const encoding = part.text_of("Content-Transfer-Encoding");
	if (encoding == "quoted-printable") {
		part.content = decode_quoted_printable(lines);
		return part;
	}
	expect_mail(encoding == "base64", "an unknown transfer encoding");
	expect_mail(std::all_of(lines.begin(), lines.end(), [](auto const &line) { return line.size() <= 76; }),
				"a line of base64 is too long");
	part.content = decode_base64(join_lines(lines, ""));
	return part;
}

/// Throws MalformedMail where the bytes are not what the writer promises of them.
inline PlainPart read_mail(std::string_view bytes)
{
	return read_part(split_lines(bytes));
}

struct PlainMailbox {
	std::string name;
	std::string address;

	bool operator==(PlainMailbox const &) const = default;
};

/// The mailboxes of From or To.
inline std::vector<PlainMailbox> read_mailboxes(std::string text)
{
	std::vector<PlainMailbox> mailboxes;
	while (!text.empty()) {
		PlainMailbox mailbox;
		std::size_t at = 0;
		if (text[0] == '"') {
			for (at = 1; at < text.size() && text[at] != '"'; ++at) {
				at += text[at] == '\\' ? 1 : 0;
				expect_mail(at < text.size(), "quotes that are open");
				mailbox.name.push_back(text[at]);
			}
			expect_mail(text.substr(at + 1).starts_with(" <"), "no address behind the name");
			at += 2;
		} else if (text.starts_with("=?")) {
			at = text.find(" <");
			expect_mail(at != std::string::npos, "no address behind the name");
			mailbox.name = decode_words(text.substr(0, at));
			++at;
		}
		auto const end = std::min(text.find(", ", at), text.size());
		mailbox.address = text.substr(at, end - at);
		if (at != 0) {
			expect_mail(mailbox.address.starts_with('<') && mailbox.address.ends_with('>'), "no angle brackets");
			mailbox.address = mailbox.address.substr(1, mailbox.address.size() - 2);
		}
		mailboxes.push_back(std::move(mailbox));
		text.erase(0, std::min(end + 2, text.size()));
	}
	return mailboxes;
}

} // namespace vero::test
