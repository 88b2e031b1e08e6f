// Fuzzes mailboxes: whatever is accepted stands in a header and in an SMTP command as itself alone.
#include "core/mail/mail_address.hpp"
#include "core/mail/mail_header.hpp"
#include "core/text/email_syntax.hpp"
#include "core/text/text.hpp"
#include "support/plain_mail.hpp"
#include "support/plain_utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

void require(bool condition)
{
	if (!condition) {
		__builtin_trap();
	}
}

void check(vero::Mailbox const &mailbox)
{
	auto const &address = mailbox.address();
	require(vero::is_email(address));
	require(address.find_first_of(" \t\r\n<>\"(),:;[]\\") == std::string::npos);
	require(address.find('\0') == std::string::npos && address.size() <= 254);
	require(std::count(address.begin(), address.end(), '@') == 1);
	require(vero::is_ascii(std::string_view(address).substr(address.find('@'))));
	require(mailbox.needs_smtputf8() == !vero::is_ascii(address));
	require(vero::to_header_text(mailbox.display_name()) == mailbox.display_name());

	std::string header;
	vero::append_header(header, "From", vero::to_header_pieces(mailbox));
	auto lines = vero::test::split_lines(header + "\r\n");
	require(mailbox.needs_smtputf8() || vero::is_ascii(header));
	auto const headers = vero::test::take_headers(lines);
	require(headers.size() == 1 && lines.empty());
	auto const mailboxes = vero::test::read_mailboxes(headers[0].text);
	require(mailboxes.size() == 1);
	require(mailboxes[0] == vero::test::PlainMailbox{mailbox.display_name(), address});

	auto const again = vero::Mailbox::make(mailbox.display_name(), address);
	require(again && again->address() == address);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const *data, std::size_t size)
{
	std::string_view const bytes(reinterpret_cast<char const *>(data), size);
	if (auto const mailbox = vero::parse_mailbox(bytes)) {
		check(*mailbox);
		require(vero::test::is_utf8_plain(bytes));
	}
	// Name and address apart, the name first.
	auto const end = std::min(bytes.find('\n'), size);
	if (auto const mailbox = vero::Mailbox::make(bytes.substr(0, end), bytes.substr(std::min(end + 1, size)))) {
		check(*mailbox);
	}
	check(*vero::Mailbox::make(bytes, "a@b.example"));
	return 0;
}
