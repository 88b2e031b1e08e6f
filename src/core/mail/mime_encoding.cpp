// Makes any bytes fit for mail: canonical line ends, quoted-printable, base64.
#include "core/mail/mime_encoding.hpp"

#include "core/text/character.hpp"
#include "core/text/text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace vero {

namespace {

constexpr std::size_t kMaxEncodedLine = 76;
constexpr std::string_view kLineEnd = "\r\n";

/// True for bytes that quoted-printable cannot show as they are, wherever they stand.
constexpr bool is_quoted(char c)
{
	return (c < ' ' && c != '\t') || c > '~' || c == '=';
}

constexpr bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/// What some mail software would change at the beginning of a line: a dot (SMTP), "From " (mbox).
bool is_mangled_at_line_start(std::string_view rest)
{
	return rest.starts_with('.') || rest.starts_with("From ");
}

/// `line` is one line without its end.
void append_quoted_line(std::string &out, std::string_view line)
{
	std::size_t column = 0;
	for (std::size_t i = 0; i < line.size(); ++i) {
		bool const is_last = i + 1 == line.size();
		// White space at a line's end would be dropped on the way.
		bool is_encoded = is_quoted(line[i]) || (is_last && is_blank(line[i]));
		std::size_t const room_for_break = is_last ? 0 : 1;
		if (column + (is_encoded ? 3 : 1) + room_for_break > kMaxEncodedLine) {
			out += "=\r\n";
			column = 0;
		}
		is_encoded = is_encoded || (column == 0 && is_mangled_at_line_start(line.substr(i)));
		if (is_encoded) {
			append_hex(out, '=', line[i]);
		} else {
			out.push_back(line[i]);
		}
		column += is_encoded ? 3 : 1;
	}
}

} // namespace

std::string to_mail_lines(std::string_view text)
{
	std::string lines;
	lines.reserve(text.size() + text.size() / 32 + kLineEnd.size());
	while (!text.empty()) {
		auto const end = std::min(text.find_first_of(kLineEnd), text.size());
		lines += text.substr(0, end);
		lines += kLineEnd;
		text.remove_prefix(end);
		text.remove_prefix(text.starts_with(kLineEnd) ? 2 : text.empty() ? 0 : 1);
	}
	return lines;
}

std::string_view name_of(TransferEncoding encoding)
{
	return encoding == TransferEncoding::base64 ? "base64" : "quoted-printable";
}

TransferEncoding choose_encoding(std::string_view text)
{
	if (is_ascii(text)) {
		return TransferEncoding::quoted_printable;
	}
	auto const is_costly = [](char c) { return c != '\r' && c != '\n' && is_quoted(c); };
	auto const costly = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_costly));
	// Each of them takes two bytes more, while base64 takes a third more of everything.
	return costly > text.size() / 6 ? TransferEncoding::base64 : TransferEncoding::quoted_printable;
}

void append_quoted_printable(std::string &out, std::string_view lines)
{
	while (!lines.empty()) {
		auto const end = std::min(lines.find(kLineEnd), lines.size());
		append_quoted_line(out, lines.substr(0, end));
		out += kLineEnd;
		lines.remove_prefix(std::min(end + kLineEnd.size(), lines.size()));
	}
}

void append_base64(std::string &out, std::string_view bytes)
{
	constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	while (!bytes.empty()) {
		std::size_t const size = std::min<std::size_t>(bytes.size(), 3);
		std::uint32_t group = 0;
		for (std::size_t i = 0; i < 3; ++i) {
			group = group << 8U | (i < size ? static_cast<unsigned char>(bytes[i]) : 0U);
		}
		for (std::size_t i = 0; i < 4; ++i) {
			out.push_back(i <= size ? kDigits[group >> (18 - 6 * i) & 0x3FU] : '=');
		}
		bytes.remove_prefix(size);
	}
}

void append_base64_lines(std::string &out, std::string_view bytes)
{
	constexpr std::size_t kBytesInLine = kMaxEncodedLine / 4 * 3;
	// One line to spare for what follows: an attachment is big.
	out.reserve(out.size() + (bytes.size() / kBytesInLine + 2) * (kMaxEncodedLine + kLineEnd.size()));
	while (!bytes.empty()) {
		append_base64(out, bytes.substr(0, kBytesInLine));
		out += kLineEnd;
		bytes.remove_prefix(std::min(kBytesInLine, bytes.size()));
	}
}

} // namespace vero
