// Builds what a message holds behind its own headers: bodies and attachment, in as many parts as it takes (MIME).
#include "core/mail/mail_content.hpp"

#include "core/mail/mail_header.hpp"
#include "core/mail/mime_encoding.hpp"
#include "core/text/ascii.hpp"
#include "core/text/checksum.hpp"
#include "core/text/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <iterator>

namespace vero {

namespace {

constexpr std::size_t max_file_name = 200;
constexpr std::size_t max_content_type = 127;

/// A boundary that no line of base64 or quoted-printable can begin with: neither holds "=_". None is the beginning of another.
std::string make_boundary(std::string_view message_id, std::string_view kind)
{
	std::array<char, 32> text{};
	std::snprintf(text.data(), text.size(), "=_%016llx_", static_cast<unsigned long long>(checksum(message_id)));
	return text.data() + std::string(kind);
}

void append_multipart_header(std::string &out, std::string_view subtype, std::string_view boundary)
{
	std::array const pieces{"multipart/" + std::string(subtype) + ";", "boundary=\"" + std::string(boundary) + "\""};
	append_header(out, "Content-Type", pieces);
	out += "\r\n";
}

void append_delimiter(std::string &out, std::string_view boundary)
{
	out.append("--").append(boundary).append("\r\n");
}

void append_closing_delimiter(std::string &out, std::string_view boundary)
{
	out.append("--").append(boundary).append("--\r\n");
}

void append_text_part(std::string &out, std::string_view subtype, std::string_view text)
{
	std::array const pieces{"text/" + std::string(subtype) + ";", std::string("charset=utf-8")};
	append_header(out, "Content-Type", pieces);
	auto const lines = to_mail_lines(text);
	auto const encoding = choose_encoding(lines);
	append_header(out, "Content-Transfer-Encoding", name_of(encoding));
	out += "\r\n";
	if (encoding == TransferEncoding::base64) {
		append_base64_lines(out, lines);
	} else {
		append_quoted_printable(out, lines);
	}
}

/// One body, or the two as alternatives, the preferred one last.
void append_bodies(std::string &out, MailMessage const &message)
{
	if (!message.body_html) {
		append_text_part(out, "plain", message.body_text.value_or(""));
		return;
	}
	if (!message.body_text) {
		append_text_part(out, "html", *message.body_html);
		return;
	}
	auto const boundary = make_boundary(message.message_id, "alternative");
	append_multipart_header(out, "alternative", boundary);
	append_delimiter(out, boundary);
	append_text_part(out, "plain", *message.body_text);
	out += "\r\n";
	append_delimiter(out, boundary);
	append_text_part(out, "html", *message.body_html);
	out += "\r\n";
	append_closing_delimiter(out, boundary);
}

/// A type whose content is bytes: of the others, a reader would look for parts in it.
std::string to_content_type(std::string_view text)
{
	auto const is_token = [](std::string_view part) {
		return !part.empty() &&
			   std::all_of(part.begin(), part.end(), [](char c) { return is_alphanumeric_or(c, "!#$&-^_.+"); });
	};
	auto const slash = text.find('/');
	if (text.size() > max_content_type || slash == std::string_view::npos || !is_token(text.substr(0, slash)) ||
		!is_token(text.substr(slash + 1))) {
		return "application/octet-stream";
	}
	std::string type;
	append_lower(type, text);
	bool const is_composite = type.starts_with("multipart/") || type.starts_with("message/");
	return is_composite ? "application/octet-stream" : type;
}

std::string to_file_name(std::string_view text)
{
	auto name = clip(to_header_text(text), max_file_name);
	std::replace_if(
		name.begin(), name.end(), [](char c) { return c == '/' || c == '\\'; }, '_');
	return name.empty() ? "attachment" : name;
}

void append_attachment(std::string &out, MailAttachment const &attachment)
{
	append_header(out, "Content-Type", to_content_type(attachment.content_type));
	append_header(out, "Content-Transfer-Encoding", name_of(TransferEncoding::base64));
	std::vector<std::string> pieces{"attachment;"};
	auto parameter = to_parameter("filename", to_file_name(attachment.file_name));
	std::move(parameter.begin(), parameter.end(), std::back_inserter(pieces));
	append_header(out, "Content-Disposition", pieces);
	out += "\r\n";
	append_base64_lines(out, attachment.bytes);
}

} // namespace

void append_mail_content(std::string &out, MailMessage const &message)
{
	if (!message.attachment) {
		append_bodies(out, message);
		return;
	}
	auto const boundary = make_boundary(message.message_id, "mixed");
	append_multipart_header(out, "mixed", boundary);
	append_delimiter(out, boundary);
	append_bodies(out, message);
	out += "\r\n";
	append_delimiter(out, boundary);
	append_attachment(out, *message.attachment);
	out += "\r\n";
	append_closing_delimiter(out, boundary);
}

} // namespace vero
