// Who mail comes from and goes to: reads a mailbox as people write it, and writes it into a header, its domain in ASCII.
#include "core/mail/mail_address.hpp"

#include "core/mail/mail_header.hpp"
#include "core/text/email_syntax.hpp"
#include "core/text/text.hpp"

#include <cstdint>
#include <idn2.h>
#include <memory>
#include <new>
#include <utility>

namespace vero {
namespace {

constexpr std::size_t kMaxDisplayName = 200;
/// A longer name is written as encoded words, which can be folded.
constexpr std::size_t kMaxQuotedName = 60;
/// So that the first word fits behind "From:" or "To:".
constexpr std::size_t kFirstWordLimit = 68;

/// The name before an address: quotes and escapes taken off. Nothing where a character stands outside quotes that belongs in
/// them, or a quote is open.
std::optional<std::string> read_phrase(std::string_view text)
{
	std::string name;
	bool is_quoted = false;
	for (std::size_t i = 0; i < text.size(); ++i) {
		if (text[i] == '"') {
			is_quoted = !is_quoted;
		} else if (is_quoted && text[i] == '\\' && i + 1 < text.size()) {
			name.push_back(text[++i]);
		} else if (!is_quoted && std::string_view("<>()[],;:\\").find(text[i]) != std::string_view::npos) {
			return std::nullopt;
		} else {
			name.push_back(text[i]);
		}
	}
	return is_quoted ? std::nullopt : std::optional(std::move(name));
}

std::string to_quoted_string(std::string_view text)
{
	std::string quoted = "\"";
	for (char const c : text) {
		if (c == '"' || c == '\\') {
			quoted.push_back('\\');
		}
		quoted.push_back(c);
	}
	return quoted + '"';
}

} // namespace

Mailbox::Mailbox(std::string display_name, std::string address)
	: display_name_(std::move(display_name)), address_(std::move(address))
{
}

std::optional<Mailbox> Mailbox::make(std::string_view display_name, std::string_view address)
{
	if (!is_email(address)) {
		return std::nullopt;
	}
	auto const domain_start = address.find('@') + 1;
	auto const domain = to_ascii_domain(address.substr(domain_start));
	if (!domain) {
		return std::nullopt;
	}
	// Longer than before, and some letters of Unicode become several of ASCII, dots and slashes among them: look again.
	std::string ascii_domain_address = std::string(address.substr(0, domain_start)) + *domain;
	if (!is_email(ascii_domain_address)) {
		return std::nullopt;
	}
	return Mailbox(clip(to_header_text(display_name), kMaxDisplayName), std::move(ascii_domain_address));
}

bool Mailbox::needs_smtputf8() const
{
	return !is_ascii(address_);
}

std::string domain_of(Mailbox const &mailbox)
{
	return mailbox.address().substr(mailbox.address().find('@') + 1);
}

std::optional<Mailbox> parse_mailbox(std::string_view text)
{
	text = trim(text);
	if (to_header_text(text) != text) {
		return std::nullopt;
	}
	if (!text.ends_with('>')) {
		return Mailbox::make({}, text);
	}
	auto const open = text.rfind('<');
	if (open == std::string_view::npos) {
		return std::nullopt;
	}
	auto const name = read_phrase(text.substr(0, open));
	return name ? Mailbox::make(*name, text.substr(open + 1, text.size() - open - 2)) : std::nullopt;
}

std::string describe_mailbox_fault(std::string_view text)
{
	text = trim(text);
	auto const open = text.rfind('<');
	if (text.ends_with('>') && open != std::string_view::npos) {
		text = text.substr(open + 1, text.size() - open - 2);
	} else if (text.find_first_of("<> ") != std::string_view::npos) {
		return "";
	}
	return is_email(text) ? "" : describe_email_fault(text);
}

std::optional<std::string> find_quoted_mailbox(std::string_view text)
{
	text = trim(text);
	auto const open = text.rfind('<');
	if (open == std::string_view::npos) {
		return std::nullopt;
	}
	auto quoted = to_quoted_string(trim(text.substr(0, open))) + " " + std::string(text.substr(open));
	return parse_mailbox(quoted) ? std::optional(std::move(quoted)) : std::nullopt;
}

std::vector<std::string> to_header_pieces(Mailbox const &mailbox)
{
	auto const &name = mailbox.display_name();
	std::vector<std::string> pieces;
	if (name.size() <= kMaxQuotedName && is_plain_header_text(name)) {
		if (!name.empty()) {
			pieces.push_back(to_quoted_string(name));
		}
	} else {
		pieces = to_encoded_words(name, kFirstWordLimit);
	}
	pieces.push_back(name.empty() ? mailbox.address() : "<" + mailbox.address() + ">");
	return pieces;
}

std::optional<std::string> to_ascii_domain(std::string_view domain)
{
	if (is_ascii(domain)) {
		return std::string(domain);
	}
	std::string const terminated(domain);
	std::uint8_t *converted = nullptr;
	int const result = idn2_lookup_u8(reinterpret_cast<std::uint8_t const *>(terminated.c_str()), &converted,
									  IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	std::unique_ptr<std::uint8_t, void (*)(void *)> const owner(converted, idn2_free);
	if (result == IDN2_MALLOC) {
		throw std::bad_alloc();
	}
	if (result != IDN2_OK) {
		return std::nullopt;
	}
	return std::string(reinterpret_cast<char const *>(converted));
}

} // namespace vero
