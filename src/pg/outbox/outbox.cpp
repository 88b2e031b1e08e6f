// Writes messages into the outbox.
#include "pg/outbox/outbox.hpp"

#include "core/mail/mail_address.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/settings.hpp"
#include "pg/outbox/delivery_right.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "access/xlog.h"
}

namespace vero::pg {
namespace {

constexpr Statement kPutMail{
	R"(
	INSERT INTO vero.messages (kind, state, next_attempt_at, last_error, recipients, from_address, subject, body_text, body_html,
		message_id_header, event_id, campaign_id, contact_id, created_at)
	SELECT 'campaign', CASE WHEN s.why_stored IS NULL THEN 'queued' ELSE 'stored' END,
		CASE WHEN s.why_stored IS NULL THEN $10 END, s.why_stored, ARRAY[r.recipient], r.from_address, r.subject, r.body_text, r.body_html,
		r.header, r.event_id, r.campaign_id, r.contact_id, $10
	FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
		AS r (recipient, from_address, subject, body_text, body_html, header, event_id, campaign_id, contact_id),
		LATERAL (SELECT CASE WHEN r.from_address IS NULL THEN $11 ELSE $12 END) AS s (why_stored)
	RETURNING id)",
	{TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, INT8ARRAYOID, INT8ARRAYOID,
	 INT8ARRAYOID, TIMESTAMPTZOID, TEXTOID, TEXTOID},
	{{"id", INT8OID}}};

/// One job has one Message-ID, in this database and in all others.
std::string message_id_header(CampaignMail const &mail, std::string const &domain)
{
	return "<event." + std::to_string(mail.event_id) + ".campaign." + std::to_string(mail.campaign_id) + "." +
		   std::to_string(MyDatabaseId) + "." + std::to_string(GetSystemIdentifier()) + "@" + domain + ">";
}

std::optional<Datum> optional_text(std::optional<std::string> const &text)
{
	return text ? std::optional(text_datum(*text)) : std::nullopt;
}

} // namespace

std::optional<std::string> why_stored(Catalog const &catalog, Sender sender)
{
	if (smtp_url().empty())
		return "not sent: vero_events.smtp_url was not set";
	if (sender == Sender::setting && mail_from().empty())
		return "not sent: vero_events.mail_from was not set";
	if (std::optional<std::string> reason = why_delivery_is_off(catalog))
		return "not sent: delivery was off in this database. " + *reason;
	return std::nullopt;
}

std::string message_id_domain(std::optional<std::string> const &from_address)
{
	std::optional<Mailbox> from = parse_mailbox(from_address ? std::string_view(*from_address) : mail_from());
	return from ? domain_of(*from) : std::string(kNoDomain);
}

std::vector<std::int64_t> put_into_outbox(Catalog const &catalog, std::span<CampaignMail const *const> mails,
										  TimestampTz now)
{
	std::size_t count = mails.size();
	std::vector<std::int64_t> ids(count);
	std::vector<std::string> headers;
	headers.reserve(count);
	for (CampaignMail const *mail : mails)
		headers.push_back(message_id_header(*mail, message_id_domain(mail->from_address)));
	std::optional<std::string> without_sender = why_stored(catalog, Sender::setting);
	std::optional<std::string> with_sender = why_stored(catalog, Sender::message);
	auto mail_texts = [&](std::optional<std::string> CampaignMail::*part) {
		return make_array(count, kText, [&](std::size_t i) { return optional_text(mails[i]->*part); });
	};
	auto numbers = [&](std::int64_t CampaignMail::*number) {
		return int8_array(count, [&](std::size_t i) { return mails[i]->*number; });
	};
	call([&] {
		auto rows = run_as_owner<kPutMail>(
			catalog, {text_array(count, [&](std::size_t i) { return std::string_view(mails[i]->recipient); }),
					  mail_texts(&CampaignMail::from_address),
					  text_array(count, [&](std::size_t i) { return std::string_view(mails[i]->subject); }),
					  mail_texts(&CampaignMail::body_text), mail_texts(&CampaignMail::body_html),
					  text_array(count, [&](std::size_t i) { return std::string_view(headers[i]); }),
					  numbers(&CampaignMail::event_id), numbers(&CampaignMail::campaign_id),
					  numbers(&CampaignMail::contact_id), now, without_sender, with_sender});
		if (rows.count() != count)
			elog(ERROR, "wrote %zu of %zu messages", rows.count(), count);
		for (std::size_t i = 0; i < count; i++)
			ids[i] = rows[i].int8("id");
	});
	return ids;
}

} // namespace vero::pg
