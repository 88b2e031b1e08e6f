// A message of the outbox as what is sent of it.
#include "pg/outbox/message_row.hpp"

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

/// Those of this attempt; fills in who cannot be sent to.
std::vector<Mailbox> choose_recipients(MessageRow const &row, WrittenMail &written)
{
	std::vector<Mailbox> plain, beyond_ascii;
	for (std::string const &recipient : row.recipients) {
		std::optional<Mailbox> mailbox = parse_mailbox(recipient);
		std::string const &address = mailbox ? mailbox->address() : recipient;
		if (contains(row.accepted, address) || contains(row.refused, address))
			continue;
		if (!mailbox) {
			written.words = quote_clipped(recipient) + " is no address that mail can be sent to";
			written.refused.push_back(recipient);
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

std::string build(MessageRow const &row, Mailbox const &from, std::vector<Mailbox> to)
{
	MailMessage message{from,
						std::move(to),
						row.subject,
						to_unix_us(row.created_at),
						std::string(without_brackets(row.message_id_header)),
						row.import_id ? MailKind::automatic : MailKind::ordinary,
						row.body_text,
						row.body_html,
						std::nullopt,
						{}};
	if (row.attachment)
		message.attachment = MailAttachment{rejects_file_name(row.import_id.value_or(0)), "text/csv", *row.attachment};
	if (!row.import_id && !row.is_transactional && *unsubscribe_address != '\0')
		message.list_unsubscribe.push_back("mailto:" + std::string(unsubscribe_address) + "?subject=unsubscribe");
	return build_message(message);
}

} // namespace

WrittenMail write_message(MessageRow const &row)
{
	WrittenMail written;
	std::optional<Mailbox> from = parse_mailbox(row.from ? std::string_view(*row.from) : std::string_view(mail_from));
	if (!from) {
		written.words = row.from ? quote_clipped(*row.from) + " is no address that mail can come from"
								 : "vero_events.mail_from does not say who it comes from";
		return written;
	}
	std::vector<Mailbox> to = choose_recipients(row, written);
	if (to.empty()) {
		if (written.words.empty())
			written.words = "nobody is left to send it to";
		return written;
	}
	written.mail.from = from->address();
	written.mail.needs_smtputf8 = from->needs_smtputf8() || to.front().needs_smtputf8();
	for (Mailbox const &recipient : to)
		written.mail.to.push_back(recipient.address());
	written.mail.message = build(row, *from, std::move(to));
	return written;
}

} // namespace vero::pg
