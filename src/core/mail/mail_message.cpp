// Builds a message, from its values to the bytes that SMTP carries: its headers, and its content in as many parts as it takes (MIME).
#include "core/mail/mail_message.hpp"

#include "core/mail/mail_header.hpp"
#include "core/mail/mime_encoding.hpp"
#include "core/text/character.hpp"
#include "core/text/text.hpp"
#include "core/time/utc_time.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <iterator>

namespace vero {
namespace {

constexpr std::size_t kMaxId = 250;
constexpr std::size_t kMaxUri = 900;
constexpr std::size_t kMaxFileName = 200;
/// For Exchange, which does not look at Auto-Submitted: all of what it may answer with, but what says that the mail did not arrive.
constexpr std::string_view kNoResponses = "DR, RN, NRN, OOF, AutoReply";

std::string to_id(std::string_view text)
{
	std::string id(text.substr(0, kMaxId));
	std::replace_if(
		id.begin(), id.end(), [](char c) { return !is_alphanumeric_or(c, "!#$%&'*+-/=?^_`{|}~.@"); }, '_');
	return id;
}

/// `scheme` is how `uri` begins, in lower case.
bool has_scheme(std::string_view uri, std::string_view scheme)
{
	std::string beginning;
	append_lower(beginning, uri.substr(0, scheme.size()));
	return beginning == scheme;
}

/// The URI with everything percent-encoded that cannot stand in one (RFC 3986): controls, spaces, angle brackets, quotes and
/// what is not ASCII.
std::string to_uri(std::string_view text)
{
	std::string uri;
	for (char const c : text) {
		if (is_alphanumeric_or(c, "-._~:/?#[]@!$&'()*+,;=%")) {
			uri.push_back(c);
		} else {
			append_hex(uri, '%', c);
		}
	}
	return uri;
}

void append_list_unsubscribe(std::string &out, std::vector<std::string> const &uris)
{
	std::vector<std::string> pieces;
	bool is_one_click = false;
	for (auto const &given : uris) {
		bool const is_https = has_scheme(given, "https:");
		auto const uri = to_uri(given);
		if ((is_https || has_scheme(given, "mailto:")) && uri.size() <= kMaxUri) {
			if (!pieces.empty()) {
				pieces.back().push_back(',');
			}
			pieces.push_back("<" + uri + ">");
			is_one_click = is_one_click || is_https;
		}
	}
	if (!pieces.empty()) {
		append_header(out, "List-Unsubscribe", pieces);
	}
	if (is_one_click) {
		append_header(out, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
	}
}

void append_recipients(std::string &out, std::vector<Mailbox> const &recipients)
{
	std::vector<std::string> pieces;
	for (auto const &recipient : recipients) {
		if (!pieces.empty()) {
			pieces.back().push_back(',');
		}
		auto mailbox = to_header_pieces(recipient);
		std::move(mailbox.begin(), mailbox.end(), std::back_inserter(pieces));
	}
	if (pieces.empty()) {
		pieces.emplace_back("undisclosed-recipients:;");
	}
	append_header(out, "To", pieces);
}

void append_envelope_headers(std::string &out, MailMessage const &message)
{
	append_header(out, "Date", format_mail_date(message.date_us));
	append_header(out, "From", to_header_pieces(message.from));
	append_recipients(out, message.to);
	append_header(out, "Message-ID", "<" + to_id(message.message_id) + ">");
	constexpr std::size_t kRoomBehindName = kMailLineWidth - std::string_view("Subject: ").size();
	append_header(out, "Subject", to_unstructured(clip(to_header_text(message.subject), kMaxSubject), kRoomBehindName));
	append_header(out, "Auto-Submitted", "auto-generated");
	append_header(out, "X-Auto-Response-Suppress", kNoResponses);
	if (message.is_test) {
		append_header(out, "X-Vero-Events-Test", "yes");
	}
	if (!message.list_id.empty()) {
		append_header(out, "List-Id", "<" + to_id(message.list_id) + ">");
	}
	append_list_unsubscribe(out, message.list_unsubscribe);
	append_header(out, "MIME-Version", "1.0");
}

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

std::string to_file_name(std::string_view text)
{
	auto name = clip(to_header_text(text), kMaxFileName);
	std::replace_if(
		name.begin(), name.end(), [](char c) { return c == '/' || c == '\\'; }, '_');
	return name.empty() ? "attachment" : name;
}

void append_attachment(std::string &out, MailAttachment const &attachment)
{
	append_header(out, "Content-Type", "application/octet-stream");
	append_header(out, "Content-Transfer-Encoding", name_of(TransferEncoding::base64));
	std::vector<std::string> pieces{"attachment;"};
	auto parameter = to_parameter("filename", to_file_name(attachment.file_name));
	std::move(parameter.begin(), parameter.end(), std::back_inserter(pieces));
	append_header(out, "Content-Disposition", pieces);
	out += "\r\n";
	append_base64_lines(out, attachment.bytes);
}

/// Appends the headers that describe the content (Content-Type and so on), an empty line, and the content.
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

} // namespace

std::string build_message(MailMessage const &message)
{
	std::string out;
	append_envelope_headers(out, message);
	append_mail_content(out, message);
	return out;
}

bool needs_smtputf8(MailMessage const &message)
{
	return message.from.needs_smtputf8() ||
		   std::any_of(message.to.begin(), message.to.end(), [](Mailbox const &to) { return to.needs_smtputf8(); });
}

} // namespace vero
