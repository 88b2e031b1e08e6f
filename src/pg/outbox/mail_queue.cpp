// The outbox as a queue: messages are taken up for delivery, and what became of them is recorded.
#include "pg/outbox/mail_queue.hpp"

#include "core/time/backoff.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/spi.hpp"
#include "pg/base/sql_array.hpp"

namespace vero::pg {
namespace {

// Messages are in memory until they are sent: of large ones it takes fewer, but one.
constexpr char const *kLock =
	"WITH due AS MATERIALIZED (SELECT d.id, d.claims, d.next_attempt_at, "
	"coalesce(pg_catalog.octet_length(d.body_text), 0)"
	"   OPERATOR(pg_catalog.+) coalesce(pg_catalog.octet_length(d.body_html), 0)"
	"   OPERATOR(pg_catalog.+) coalesce(pg_catalog.octet_length(d.attachment), 0) AS size"
	"  FROM vero.messages AS d WHERE d.next_attempt_at OPERATOR(pg_catalog.<=) $1"
	"  ORDER BY d.next_attempt_at LIMIT $2 FOR UPDATE SKIP LOCKED)"
	" SELECT s.id, s.claims FROM (SELECT due.id, due.claims, due.size,"
	"  pg_catalog.sum(due.size) OVER (ORDER BY due.next_attempt_at, due.id) AS so_far FROM due) AS s"
	" WHERE s.so_far OPERATOR(pg_catalog.<=) (s.size OPERATOR(pg_catalog.+) 8000000)";
constexpr std::array<Oid, 2> kLockTypes{TIMESTAMPTZOID, INT4OID};

// The ids as an array, so that no plan can read the whole table for them.
constexpr char const *kTake =
	"UPDATE vero.messages AS m SET state = 'sending', attempts = m.attempts OPERATOR(pg_catalog.+) 1,"
	"  claims = m.claims OPERATOR(pg_catalog.+) 1, next_attempt_at = $2"
	" WHERE m.id OPERATOR(pg_catalog.=) ANY ($1)"
	" RETURNING m.id, m.claims, m.attempts, m.import_id,"
	"  coalesce((SELECT k.transactional FROM vero.campaigns AS k WHERE k.id OPERATOR(pg_catalog.=) m.campaign_id), "
	"true),"
	"  m.recipients, m.accepted, m.refused, m.from_address, m.subject, m.body_text, m.body_html, m.attachment,"
	"  m.message_id_header, m.created_at, coalesce(m.text_without_attachment, m.html_without_attachment) IS NOT NULL";
constexpr std::array<Oid, 2> kTakeTypes{INT8ARRAYOID, TIMESTAMPTZOID};

// Written while the clock was ahead: nothing waits longer for another attempt.
constexpr char const *kPullBack =
	"UPDATE vero.messages AS m SET next_attempt_at = $1 WHERE m.id OPERATOR(pg_catalog.=) ANY (ARRAY("
	" SELECT f.id FROM vero.messages AS f WHERE f.next_attempt_at OPERATOR(pg_catalog.>) $2"
	"  AND f.state OPERATOR(pg_catalog.=) 'queued' FOR UPDATE SKIP LOCKED))";
constexpr std::array<Oid, 2> kPullBackTypes{TIMESTAMPTZOID, TIMESTAMPTZOID};
constexpr std::int64_t kLongestWait_us = 2 * Backoff{}.longest_us; // it varies by less

constexpr char const *kNextDue = "SELECT m.next_attempt_at FROM vero.messages AS m"
								 " WHERE m.next_attempt_at IS NOT NULL ORDER BY m.next_attempt_at LIMIT 1";

constexpr char const *kRecord =
	"WITH done AS (UPDATE vero.messages AS m SET state = r.state,"
	"  attempts = m.attempts OPERATOR(pg_catalog.-) r.uncounted, next_attempt_at = r.next_attempt_at,"
	"  last_error = CASE WHEN r.state OPERATOR(pg_catalog.=) 'queued' THEN coalesce(r.error, m.last_error) ELSE "
	"r.error END, server_reply = "
	"r.reply, sent_at = CASE WHEN r.state OPERATOR(pg_catalog.=) 'sent' THEN $8 END"
	"  FROM unnest($1, $2, $3, $4, $5, $6, $7) AS r (id, claims, state, uncounted, next_attempt_at, error, reply)"
	"  WHERE m.id OPERATOR(pg_catalog.=) r.id AND m.claims OPERATOR(pg_catalog.=) r.claims"
	"   AND m.state OPERATOR(pg_catalog.=) 'sending'"
	"  RETURNING m.event_id, m.campaign_id, m.state, m.last_error)"
	" UPDATE vero.trigger_jobs AS j SET state = d.state, error = CASE WHEN d.state OPERATOR(pg_catalog.=) 'failed' "
	"THEN d.last_error END"
	" FROM done AS d WHERE d.state OPERATOR(pg_catalog.<>) 'queued' AND j.event_id OPERATOR(pg_catalog.=) d.event_id"
	"  AND j.campaign_id OPERATOR(pg_catalog.=) d.campaign_id AND j.state OPERATOR(pg_catalog.=) 'scheduled'";
constexpr std::array<Oid, 8> kRecordTypes{INT8ARRAYOID,		   INT8ARRAYOID, TEXTARRAYOID, INT4ARRAYOID,
										  TIMESTAMPTZARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TIMESTAMPTZOID};

constexpr char const *kRecordRecipients =
	"UPDATE vero.messages AS m SET accepted = $3, refused = $4 WHERE m.id OPERATOR(pg_catalog.=) $1"
	" AND m.claims OPERATOR(pg_catalog.=) $2 AND m.state OPERATOR(pg_catalog.=) 'sending'";
constexpr std::array<Oid, 4> kRecordRecipientsTypes{INT8OID, INT8OID, TEXTARRAYOID, TEXTARRAYOID};

constexpr char const *kMakeSmaller =
	"UPDATE vero.messages AS m SET attachment = NULL, body_text = m.text_without_attachment, body_html = "
	"m.html_without_attachment, text_without_attachment = NULL, html_without_attachment = NULL"
	" WHERE m.id OPERATOR(pg_catalog.=) $1 AND m.claims OPERATOR(pg_catalog.=) $2"
	" AND m.state OPERATOR(pg_catalog.=) 'sending'"
	" AND coalesce(m.text_without_attachment, m.html_without_attachment) IS NOT NULL";
constexpr std::array<Oid, 2> kMakeSmallerTypes{INT8OID, INT8OID};

constexpr char const *kTakeBack = "UPDATE vero.messages SET state = 'queued', next_attempt_at = $1"
								  " WHERE next_attempt_at IS NOT NULL AND state OPERATOR(pg_catalog.=) 'sending'";
constexpr std::array<Oid, 1> kTakeBackTypes{TIMESTAMPTZOID};

std::optional<std::string> text_at(SPITupleTable const *rows, std::size_t row, int column)
{
	auto text = call([&] { return text_value(rows, row, column); });
	return text ? std::optional<std::string>(*text) : std::nullopt;
}

std::optional<std::string> bytes_at(SPITupleTable const *rows, std::size_t row, int column)
{
	auto bytes = call([&] { return bytes_value(rows, row, column); });
	return bytes ? std::optional<std::string>(*bytes) : std::nullopt;
}

/// Without the nulls among them.
std::vector<std::string> texts_at(SPITupleTable const *rows, std::size_t row, int column)
{
	Datum *elements;
	bool *nulls;
	int count = call([&] {
		int size;
		deconstruct_array(DatumGetArrayTypeP(datum_value(rows, row, column, TEXTARRAYOID)), TEXTOID, -1, false,
						  TYPALIGN_INT, &elements, &nulls, &size);
		return size;
	});
	std::vector<std::string> texts;
	for (int i = 0; i < count; i++) {
		if (nulls[i])
			continue;
		auto bytes = call([&] {
			struct varlena *text = PG_DETOAST_DATUM_PACKED(elements[i]);
			return std::string_view(VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text));
		});
		texts.emplace_back(bytes);
	}
	return texts;
}

Message read_row(SPITupleTable const *rows, std::size_t row, TimestampTz lease_end)
{
	Message message;
	message.lease_end = lease_end;
	call([&] {
		message.id = int8_value(rows, row, 1);
		message.claim = int8_value(rows, row, 2);
		message.attempts = int4_value(rows, row, 3);
		message.import_id = optional_int8_value(rows, row, 4);
		message.is_transactional = bool_value(rows, row, 5);
		message.created_at = timestamptz_value(rows, row, 15);
		message.has_smaller = bool_value(rows, row, 16);
	});
	message.recipients = texts_at(rows, row, 6);
	message.accepted = texts_at(rows, row, 7);
	message.refused = texts_at(rows, row, 8);
	message.from = text_at(rows, row, 9);
	message.subject = string_value(rows, row, 10);
	message.body_text = text_at(rows, row, 11);
	message.body_html = text_at(rows, row, 12);
	message.attachment = bytes_at(rows, row, 13);
	message.message_id_header = string_value(rows, row, 14);
	return message;
}

std::string_view name_of(MessageResult::State state)
{
	switch (state) {
	case MessageResult::State::queued:
		return "queued";
	case MessageResult::State::sent:
		return "sent";
	default:
		return "failed";
	}
}

Datum optional_texts(std::vector<MessageResult> const &results, std::string MessageResult::*text)
{
	return make_array(results.size(), kText, [&](std::size_t i) {
		return (results[i].*text).empty() ? std::nullopt : std::optional(text_datum(results[i].*text));
	});
}

Datum texts(std::vector<std::string> const &list)
{
	return text_array(list.size(), [&](std::size_t i) { return std::string_view(list[i]); });
}

std::vector<ClaimedMessage> lock_due(Catalog const &catalog, int limit, TimestampTz now)
{
	std::size_t count = call([&] {
		Datum values[] = {TimestampTzGetDatum(now), Int32GetDatum(limit)};
		execute_as(catalog.owner, kLock, kLockTypes, values, SPI_OK_SELECT);
		return SPI_processed;
	});
	SPITupleTable const *rows = SPI_tuptable;
	std::vector<ClaimedMessage> due(count);
	call([&] {
		for (std::size_t row = 0; row < count; row++)
			due[row] = {int8_value(rows, row, 1), int8_value(rows, row, 2)};
	});
	return due;
}

void record_recipients(Catalog const &catalog, MessageResult const &result)
{
	call([&] {
		Datum values[] = {Int64GetDatum(result.id), Int64GetDatum(result.claim), texts(result.accepted),
						  texts(result.refused)};
		execute_as(catalog.owner, kRecordRecipients, kRecordRecipientsTypes, values, SPI_OK_UPDATE);
	});
}

void make_smaller(Catalog const &catalog, MessageResult const &result)
{
	call([&] {
		Datum values[] = {Int64GetDatum(result.id), Int64GetDatum(result.claim)};
		execute_as(catalog.owner, kMakeSmaller, kMakeSmallerTypes, values, SPI_OK_UPDATE);
	});
}

void pull_back_late(Catalog const &catalog, TimestampTz now)
{
	call([&] {
		Datum values[] = {TimestampTzGetDatum(now), TimestampTzGetDatum(now + kLongestWait_us)};
		execute_as(catalog.owner, kPullBack, kPullBackTypes, values, SPI_OK_UPDATE);
	});
}

} // namespace

ClaimedMessages claim_messages(Catalog const &catalog, int limit, TimestampTz now, TimestampTz lease_end)
{
	pull_back_late(catalog, now);
	std::vector<ClaimedMessage> due = lock_due(catalog, limit, now);
	ClaimedMessages claimed{{}, static_cast<int>(due.size()), 0};
	if (!due.empty())
		withhold_mail(catalog, due, 0, now);
	claimed.withheld = claimed.due - static_cast<int>(due.size());
	if (due.empty())
		return claimed;
	std::size_t count = call([&] {
		Datum values[] = {int8_array(due.size(), [&](std::size_t i) { return due[i].id; }),
						  TimestampTzGetDatum(lease_end)};
		execute_as(catalog.owner, kTake, kTakeTypes, values, SPI_OK_UPDATE_RETURNING);
		return SPI_processed;
	});
	SPITupleTable *rows = SPI_tuptable;
	for (std::size_t row = 0; row < count; row++)
		claimed.messages.push_back(read_row(rows, row, lease_end));
	std::sort(claimed.messages.begin(), claimed.messages.end(),
			  [](auto const &a, auto const &b) { return a.id < b.id; });
	return claimed;
}

std::optional<TimestampTz> next_message_due(Catalog const &catalog)
{
	return call([&]() -> std::optional<TimestampTz> {
		execute_as(catalog.owner, kNextDue, {}, nullptr, SPI_OK_SELECT);
		if (SPI_processed == 0)
			return std::nullopt;
		return timestamptz_value(SPI_tuptable, 0, 1);
	});
}

void record_results(Catalog const &catalog, std::vector<MessageResult> const &results, TimestampTz now)
{
	if (results.empty())
		return;
	for (MessageResult const &result : results) {
		if (!result.accepted.empty() || !result.refused.empty())
			record_recipients(catalog, result);
		if (result.is_made_smaller)
			make_smaller(catalog, result);
	}
	call([&] {
		std::size_t size = results.size();
		Datum values[] = {int8_array(size, [&](std::size_t i) { return results[i].id; }),
						  int8_array(size, [&](std::size_t i) { return results[i].claim; }),
						  text_array(size, [&](std::size_t i) { return name_of(results[i].state); }),
						  int4_array(size, [&](std::size_t i) { return results[i].is_attempt ? 0 : 1; }),
						  make_array(size, kTimestamptz,
									 [&](std::size_t i) -> std::optional<Datum> {
										 return results[i].state == MessageResult::State::queued
													? std::optional(TimestampTzGetDatum(results[i].next_attempt_at))
													: std::nullopt;
									 }),
						  optional_texts(results, &MessageResult::error),
						  optional_texts(results, &MessageResult::reply),
						  TimestampTzGetDatum(now)};
		execute_as(catalog.owner, kRecord, kRecordTypes, values, SPI_OK_UPDATE);
	});
}

void take_back_orphans(Catalog const &catalog, TimestampTz now)
{
	call([&] {
		Datum values[] = {TimestampTzGetDatum(now)};
		execute_as(catalog.owner, kTakeBack, kTakeBackTypes, values, SPI_OK_UPDATE);
	});
}

} // namespace vero::pg
