// A message of the outbox as what is sent of it.
#include "pg/outbox/message.hpp"

#include "core/mail/mail_message.hpp"
#include "core/report/confirmation.hpp"
#include "core/text/text.hpp"
#include "pg/base/settings.hpp"
#include "pg/base/timestamp.hpp"

namespace vero::pg {
namespace {

bool contains(std::vector<std::string> const &list, std::string const &item)
{
	return std::find(list.begin(), list.end(), item) != list.end();
}

/// Those of this attempt. Adds to `refused`, and says in `words` of one of them, who cannot be sent to at all.
std::vector<Mailbox> choose_recipients(Message &message, std::string &words)
{
	std::vector<Mailbox> plain, beyond_ascii;
	for (std::string const &recipient : message.recipients) {
		std::optional<Mailbox> mailbox = parse_mailbox(recipient);
		std::string const &address = mailbox ? mailbox->address() : recipient;
		if (contains(message.accepted, address) || contains(message.refused, address))
			continue;
		if (!mailbox) {
			words = quote_clipped(recipient) + " is no address that mail can be sent to";
			message.refused.push_back(recipient);
		} else {
			(mailbox->needs_smtputf8() ? beyond_ascii : plain).push_back(std::move(*mailbox));
		}
	}
	return plain.empty() ? beyond_ascii : plain;
}

std::string_view without_brackets(std::string_view message_id)
{
	return message_id.substr(1, message_id.size() - 2);
}

std::string build(Message const &message, Mailbox const &from, std::vector<Mailbox> to)
{
	MailMessage mail{from,
					 std::move(to),
					 message.subject,
					 to_unix_us(message.dated_at),
					 std::string(without_brackets(message.message_id_header)),
					 message.body_text,
					 message.body_html,
					 std::nullopt,
					 "",
					 {},
					 message.is_test};
	if (message.attachment) {
		mail.attachment = MailAttachment{rejects_file_name(message.import_id.value_or(0)), *message.attachment};
	}
	// who reads a test is not to unsubscribe whose mail it shows, nor to be taken for somebody who does
	if (!message.import_id && !message.is_test) {
		mail.list_id = "campaign-" + std::to_string(message.campaign_id) + "." + domain_of(from);
		if (!message.is_transactional && !unsubscribe_address().empty())
			mail.list_unsubscribe.push_back("mailto:" + std::string(unsubscribe_address()) + "?subject=unsubscribe");
	}
	return build_message(mail);
}

} // namespace

std::variant<SmtpMail, std::string> write_message(Message &message)
{
	std::optional<Mailbox> from = parse_mailbox(message.from ? std::string_view(*message.from) : mail_from());
	if (!from) {
		return message.from ? quote_clipped(*message.from) + " is no address that mail can come from"
							: "vero_events.mail_from does not say who it comes from";
	}
	std::string words = "nobody is left to send it to";
	std::vector<Mailbox> to = choose_recipients(message, words);
	if (to.empty())
		return words;
	SmtpMail mail{from->address(), {}, "", from->needs_smtputf8() || to.front().needs_smtputf8()};
	for (Mailbox const &recipient : to)
		mail.to.push_back(recipient.address());
	mail.message = build(message, *from, std::move(to));
	return mail;
}

} // namespace vero::pg
