// Writes messages into the outbox.
#include "pg/outbox.hpp"

#include "core/mail_address.hpp"
#include "pg/boundary.hpp"
#include "pg/delivery.hpp"
#include "pg/settings.hpp"
#include "pg/sql_array.hpp"

extern "C" {
#include "access/xlog.h"
}

namespace vero::pg {
namespace {

constexpr char const *kPut =
	"INSERT INTO vero.messages (kind, state, next_attempt_at, recipients, from_address, subject, body_text, body_html,"
	" message_id_header, event_id, campaign_id, contact_id, created_at)"
	" SELECT 'campaign', CASE WHEN s.is_sent THEN 'queued' ELSE 'stored' END, CASE WHEN s.is_sent THEN $10 END,"
	" ARRAY[r.recipient], r.from_address, r.subject, r.body_text, r.body_html, r.header, r.event_id, r.campaign_id,"
	" r.contact_id, $10 FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)"
	" AS r (recipient, from_address, subject, body_text, body_html, header, event_id, campaign_id, contact_id),"
	" LATERAL (SELECT CASE WHEN r.from_address IS NULL THEN $11 ELSE $12 END) AS s (is_sent) RETURNING id";
constexpr std::array<Oid, 12> kPutTypes{TEXTARRAYOID, TEXTARRAYOID,	  TEXTARRAYOID, TEXTARRAYOID,
										TEXTARRAYOID, TEXTARRAYOID,	  INT8ARRAYOID, INT8ARRAYOID,
										INT8ARRAYOID, TIMESTAMPTZOID, BOOLOID,		BOOLOID};

/// One job has one Message-ID, in this database and in all others.
std::string message_id_header(DueJob const &job, std::string const &domain)
{
	return "<event." + std::to_string(job.event_id) + ".campaign." + std::to_string(job.campaign_id) + "." +
		   std::to_string(MyDatabaseId) + "." + std::to_string(GetSystemIdentifier()) + "@" + domain + ">";
}

std::optional<Datum> optional_text(std::optional<std::string> const &text)
{
	return text ? std::optional(text_datum(*text)) : std::nullopt;
}

} // namespace

bool has_mail_server(Catalog const &catalog)
{
	return *smtp_url != '\0' && is_delivery_enabled(catalog);
}

bool is_mail_sent(Catalog const &catalog)
{
	return *mail_from != '\0' && has_mail_server(catalog);
}

std::string message_id_domain(std::optional<std::string> const &from_address)
{
	std::optional<Mailbox> from = parse_mailbox(from_address ? std::string_view(*from_address) : mail_from);
	return from ? from->address().substr(from->address().find('@') + 1) : "vero-events.invalid";
}

std::vector<std::int64_t> put_into_outbox(Catalog const &catalog, std::vector<CampaignMessage> const &messages,
										  TimestampTz now)
{
	std::size_t count = messages.size();
	std::vector<std::int64_t> ids(count);
	std::vector<std::string> headers;
	headers.reserve(count);
	for (CampaignMessage const &message : messages)
		headers.push_back(message_id_header(*message.job, message_id_domain(message.mail->from_address)));
	bool has_server = has_mail_server(catalog), is_sent = is_mail_sent(catalog);
	auto mail_texts = [&](std::optional<std::string> RenderedMail::*part) {
		return make_array(count, kText, [&](std::size_t i) { return optional_text(messages[i].mail->*part); });
	};
	auto job_numbers = [&](std::int64_t DueJob::*number) {
		return int8_array(count, [&](std::size_t i) { return messages[i].job->*number; });
	};
	call([&] {
		Datum values[] = {text_array(count, [&](std::size_t i) { return std::string_view(messages[i].job->email); }),
						  mail_texts(&RenderedMail::from_address),
						  text_array(count, [&](std::size_t i) { return std::string_view(messages[i].mail->subject); }),
						  mail_texts(&RenderedMail::body_text),
						  mail_texts(&RenderedMail::body_html),
						  text_array(count, [&](std::size_t i) { return std::string_view(headers[i]); }),
						  job_numbers(&DueJob::event_id),
						  job_numbers(&DueJob::campaign_id),
						  job_numbers(&DueJob::contact_id),
						  TimestampTzGetDatum(now),
						  BoolGetDatum(is_sent),
						  BoolGetDatum(has_server)};
		UserSwitch caller = UserSwitch::become(catalog.owner);
		execute_statement(prepare_statement(kPut, kPutTypes), values, nullptr, SPI_OK_INSERT_RETURNING);
		caller.undo();
		if (SPI_processed != count)
			elog(ERROR, "wrote " UINT64_FORMAT " of %zu messages", SPI_processed, count);
		for (std::size_t i = 0; i < count; i++)
			ids[i] = int8_value(SPI_tuptable, i, 1);
	});
	return ids;
}

} // namespace vero::pg
