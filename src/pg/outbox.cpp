// Writes messages into the outbox.
#include "pg/outbox.hpp"

#include "pg/boundary.hpp"
#include "pg/sql_array.hpp"

extern "C" {
#include "access/xlog.h"
}

namespace vero::pg {
namespace {

constexpr char const *kPut =
	"INSERT INTO vero.messages (kind, state, recipients, from_address, subject, body_text, body_html, "
	"message_id_header,"
	" event_id, campaign_id, contact_id, created_at)"
	" SELECT 'campaign', 'stored', ARRAY[r.recipient], r.from_address, r.subject, r.body_text, r.body_html, r.header, "
	"r.event_id,"
	" r.campaign_id, r.contact_id, $10 FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)"
	" AS r (recipient, from_address, subject, body_text, body_html, header, event_id, campaign_id, contact_id)"
	" RETURNING id";
constexpr std::array<Oid, 10> kPutTypes{TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID,
										TEXTARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, TIMESTAMPTZOID};

/// One job has one Message-ID, in this database and in all others.
std::string message_id_header(DueJob const &job)
{
	return "<event." + std::to_string(job.event_id) + ".campaign." + std::to_string(job.campaign_id) + "." +
		   std::to_string(MyDatabaseId) + "." + std::to_string(GetSystemIdentifier()) + "@vero-events.invalid>";
}

std::optional<Datum> optional_text(std::optional<std::string> const &text)
{
	return text ? std::optional(text_datum(*text)) : std::nullopt;
}

} // namespace

std::vector<std::int64_t> put_into_outbox(Catalog const &catalog, std::vector<CampaignMessage> const &messages,
										  TimestampTz now)
{
	std::size_t count = messages.size();
	std::vector<std::int64_t> ids(count);
	std::vector<std::string> headers;
	for (CampaignMessage const &message : messages)
		headers.push_back(message_id_header(*message.job));
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
						  TimestampTzGetDatum(now)};
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
