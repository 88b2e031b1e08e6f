// Fuzzes messages: whatever the values hold, the message reads back as those values and as nothing else.
#include "core/mail/mail_header.hpp"
#include "core/mail/mail_message.hpp"
#include "support/plain_mail.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using vero::test::PlainPart;
using Names = std::vector<std::string>;

void require(bool condition)
{
	if (!condition) {
		__builtin_trap();
	}
}

/// Takes values off the input: a byte that says how long one is, and so many bytes.
class Input {
public:
	explicit Input(std::string_view bytes) : bytes_(bytes) {}

	unsigned byte()
	{
		if (bytes_.empty()) {
			return 0;
		}
		auto const byte = static_cast<unsigned char>(bytes_[0]);
		bytes_.remove_prefix(1);
		return byte;
	}

	std::string_view value() { return value(byte()); }

	std::string_view value(std::size_t size)
	{
		auto const value = bytes_.substr(0, size);
		bytes_.remove_prefix(value.size());
		return value;
	}

	std::string_view rest() { return bytes_; }

private:
	std::string_view bytes_;
};

vero::Mailbox take_mailbox(Input &input)
{
	auto const name = input.value();
	auto const mailbox = vero::Mailbox::make(name, input.value());
	return mailbox ? *mailbox : *vero::Mailbox::make(name, "a@b.example");
}

struct Flags {
	bool has_text, has_html, has_attachment, has_list, has_second_recipient, has_recipient, is_test;
};

Flags take_flags(Input &input)
{
	auto const bits = input.byte();
	return {(bits & 1U) != 0,  (bits & 2U) != 0,  (bits & 4U) != 0, (bits & 8U) != 0,
			(bits & 16U) != 0, (bits & 32U) == 0, (bits & 64U) != 0};
}

vero::MailMessage take_message(Input &input, Flags flags)
{
	vero::MailMessage message{.from = take_mailbox(input), .to = {}, .subject = {}, .date_us = 0, .message_id = {}};
	if (flags.has_recipient) {
		message.to.push_back(take_mailbox(input));
	}
	if (flags.has_second_recipient) {
		message.to.push_back(take_mailbox(input));
	}
	message.subject = input.value(input.byte() * 4);
	for (int i = 0; i < 8; ++i) {
		message.date_us = static_cast<std::int64_t>(static_cast<std::uint64_t>(message.date_us) << 8U | input.byte());
	}
	message.message_id = input.value();
	message.is_test = flags.is_test;
	message.list_id = flags.has_list ? std::string(input.value()) : "";
	message.list_unsubscribe = {std::string(input.value()), std::string(input.value())};
	std::string const file_name(input.value());
	auto const text = input.value(input.byte() * 4);
	auto const html = input.value(input.byte() * 4);
	if (flags.has_text) {
		message.body_text = text;
	}
	if (flags.has_html) {
		message.body_html = html;
	}
	if (flags.has_attachment) {
		message.attachment = {file_name, input.rest()};
	}
	return message;
}

void check_mailboxes(PlainPart const &mail, vero::MailMessage const &message)
{
	auto const from = vero::test::read_mailboxes(mail.text_of("From"));
	require(from.size() == 1 && from[0].name == message.from.display_name());
	require(from[0].address == message.from.address());
	if (message.to.empty()) {
		require(mail.text_of("To") == "undisclosed-recipients:;");
		return;
	}
	auto const to = vero::test::read_mailboxes(mail.text_of("To"));
	require(to.size() == message.to.size());
	for (std::size_t i = 0; i < to.size(); ++i) {
		require(to[i].name == message.to[i].display_name() && to[i].address == message.to[i].address());
	}
}

void check_headers(PlainPart const &mail, vero::MailMessage const &message)
{
	Names expected{"Date", "From", "To", "Message-ID", "Subject", "Auto-Submitted", "X-Auto-Response-Suppress"};
	if (message.is_test) {
		expected.emplace_back("X-Vero-Events-Test");
	}
	if (!message.list_id.empty()) {
		expected.emplace_back("List-Id");
	}
	// What says whether they are there is tested elsewhere; here it is that they are harmless.
	auto const names = mail.names();
	for (auto const *const name : {"List-Unsubscribe", "List-Unsubscribe-Post"}) {
		if (std::find(names.begin(), names.end(), name) != names.end()) {
			expected.emplace_back(name);
			require(mail.text_of(name).find_first_of(" \"") == std::string::npos ||
					mail.text_of(name).find(">, <") != std::string::npos);
		}
	}
	expected.emplace_back("MIME-Version");
	expected.emplace_back("Content-Type");
	if (mail.parts.empty()) {
		expected.emplace_back("Content-Transfer-Encoding");
	}
	require(names == expected);
	auto const id = mail.text_of("Message-ID");
	require(id.starts_with('<') && id.find_first_of("<> \"", 1) == id.size() - 1 && id.ends_with('>'));
	require(vero::test::decode_words(mail.text_of("Subject")) ==
			vero::clip(vero::to_header_text(message.subject), 500));
}

void check_text(PlainPart const &part, std::string_view subtype, std::string_view body)
{
	require(part.text_of("Content-Type") == "text/" + std::string(subtype) + "; charset=utf-8");
	require(part.content == vero::test::mail_lines_plain(body));
}

void check_bodies(PlainPart const &part, vero::MailMessage const &message)
{
	if (message.body_text && message.body_html) {
		require(part.parts.size() == 2);
		check_text(part.parts[0], "plain", *message.body_text);
		check_text(part.parts[1], "html", *message.body_html);
	} else if (message.body_html) {
		check_text(part, "html", *message.body_html);
	} else {
		check_text(part, "plain", message.body_text.value_or(""));
	}
}

void check_attachment(PlainPart const &part, vero::MailAttachment const &attachment)
{
	require(part.names() == Names{"Content-Type", "Content-Transfer-Encoding", "Content-Disposition"});
	require(part.content == attachment.bytes);
	auto const disposition = part.text_of("Content-Disposition");
	require(disposition.starts_with("attachment; "));
	auto expected = vero::clip(vero::to_header_text(attachment.file_name), 200);
	for (char &c : expected) {
		c = c == '/' || c == '\\' ? '_' : c;
	}
	require(vero::test::parameter_of(disposition, "filename") == (expected.empty() ? "attachment" : expected));
	require(part.text_of("Content-Type") == "application/octet-stream");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const *data, std::size_t size)
{
	Input input({reinterpret_cast<char const *>(data), size});
	auto const flags = take_flags(input);
	auto const message = take_message(input, flags);
	auto const bytes = vero::build_message(message);
	require(bytes == vero::build_message(message));
	require(vero::needs_smtputf8(message) || vero::is_ascii(bytes));
	auto const mail = vero::test::read_mail(bytes);
	check_mailboxes(mail, message);
	check_headers(mail, message);
	if (!message.attachment) {
		check_bodies(mail, message);
		return 0;
	}
	require(mail.parts.size() == 2);
	check_bodies(mail.parts[0], message);
	check_attachment(mail.parts[1], *message.attachment);
	return 0;
}
