// Builds a message, from its values to the bytes that SMTP carries.
#include "core/mail/mail_message.hpp"

#include "core/mail/mail_content.hpp"
#include "core/mail/mail_header.hpp"
#include "core/text/ascii.hpp"
#include "core/text/text.hpp"
#include "core/time/utc_time.hpp"

#include <algorithm>
#include <iterator>

namespace vero {

namespace {

constexpr std::size_t max_subject = 500;
constexpr std::size_t max_message_id = 250;
constexpr std::size_t max_uri = 900;

std::string to_message_id(std::string_view text)
{
	std::string id(text.substr(0, max_message_id));
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
		if ((is_https || has_scheme(given, "mailto:")) && uri.size() <= max_uri) {
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
	append_header(out, "Message-ID", "<" + to_message_id(message.message_id) + ">");
	constexpr std::size_t room_behind_name = kMailLineWidth - std::string_view("Subject: ").size();
	append_header(out, "Subject",
				  to_unstructured(clip(to_header_text(message.subject), max_subject), room_behind_name));
	if (message.kind == MailKind::automatic) {
		append_header(out, "Auto-Submitted", "auto-generated");
	}
	append_list_unsubscribe(out, message.list_unsubscribe);
	append_header(out, "MIME-Version", "1.0");
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
