// The outbox as a queue: messages are taken up for delivery, and what became of them is recorded.
#include "pg/outbox/mail_queue.hpp"

#include "core/time/backoff.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/outbox/outbox.hpp"
#include "pg/sql/statement.hpp"

namespace vero::pg {
namespace {

// Messages are in memory until they are sent: of large ones it takes fewer, but one.
constexpr Statement kLockMail{
	R"(
	WITH due AS MATERIALIZED (
		SELECT d.id, d.claims, d.next_attempt_at,
			coalesce(octet_length(d.body_text), 0) + coalesce(octet_length(d.body_html), 0) + coalesce(octet_length(d.attachment), 0)
				AS size
		FROM vero.messages AS d
		WHERE d.next_attempt_at <= $1
		ORDER BY d.next_attempt_at
		LIMIT $2
		FOR UPDATE SKIP LOCKED)
	SELECT s.id, s.claims
	FROM (SELECT due.id, due.claims, due.size, sum(due.size) OVER (ORDER BY due.next_attempt_at, due.id) AS so_far FROM due) AS s
	WHERE s.so_far <= s.size + 8000000)",
	{TIMESTAMPTZOID, INT4OID},
	{{"id", INT8OID}, {"claims", INT8OID}}};

// The ids as an array, so that no plan can read the whole table for them. What goes out for the first time gets its date, and the
// domain of a sender that was not set when it was written.
constexpr Statement kTake{
	R"(
	UPDATE vero.messages AS m
	SET state = 'sending', attempts = m.attempts + 1, claims = m.claims + 1, next_attempt_at = $2, dated_at = coalesce(m.dated_at, $3),
		message_id_header = CASE WHEN m.dated_at IS NULL AND m.from_address IS NULL
			THEN replace(m.message_id_header, $4, $5) ELSE m.message_id_header END
	WHERE m.id = ANY ($1)
	RETURNING m.id, m.claims, m.attempts, m.import_id, m.campaign_id,
		coalesce((SELECT k.transactional FROM vero.campaigns AS k WHERE k.id = m.campaign_id), true) AS is_transactional,
		m.kind = 'test' AS is_test, m.recipients, m.accepted, m.refused, m.from_address, m.subject, m.body_text, m.body_html, m.attachment, m.message_id_header,
		m.dated_at, coalesce(m.text_without_attachment, m.html_without_attachment) IS NOT NULL AS has_smaller)",
	{INT8ARRAYOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, TEXTOID},
	{{"id", INT8OID},
	 {"claims", INT8OID},
	 {"attempts", INT4OID},
	 {"import_id", INT8OID},
	 {"campaign_id", INT8OID},
	 {"is_transactional", BOOLOID},
	 {"is_test", BOOLOID},
	 {"recipients", TEXTARRAYOID},
	 {"accepted", TEXTARRAYOID},
	 {"refused", TEXTARRAYOID},
	 {"from_address", TEXTOID},
	 {"subject", TEXTOID},
	 {"body_text", TEXTOID},
	 {"body_html", TEXTOID},
	 {"attachment", BYTEAOID},
	 {"message_id_header", TEXTOID},
	 {"dated_at", TIMESTAMPTZOID},
	 {"has_smaller", BOOLOID}}};

// Written while the clock was ahead: nothing waits longer for another attempt.
constexpr Statement kPullBack{
	R"(
	UPDATE vero.messages AS m
	SET next_attempt_at = $1
	WHERE m.id = ANY (ARRAY(
		SELECT f.id
		FROM vero.messages AS f
		WHERE f.next_attempt_at > $2 AND f.state = 'queued'
		FOR UPDATE SKIP LOCKED)))",
	{TIMESTAMPTZOID, TIMESTAMPTZOID}};
constexpr std::int64_t kLongestWait_us = 2 * Backoff{}.longest_us; // it varies by less

constexpr Statement kNextDue{
	R"(
	SELECT m.next_attempt_at
	FROM vero.messages AS m
	WHERE m.next_attempt_at IS NOT NULL
	ORDER BY m.next_attempt_at
	LIMIT $1)",
	{INT8OID},
	{{"next_attempt_at", TIMESTAMPTZOID}}};

constexpr Statement kRecord{
	R"(
	WITH done AS (
		UPDATE vero.messages AS m
		SET state = r.state, attempts = m.attempts - r.uncounted, next_attempt_at = r.next_attempt_at,
			last_error = CASE WHEN r.state = 'queued' THEN coalesce(r.error, m.last_error) ELSE r.error END,
			server_reply = r.reply, sent_at = CASE WHEN r.state = 'sent' THEN $9 END,
			dated_at = CASE WHEN r.undated = 0 THEN m.dated_at END
		FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS r (id, claims, state, uncounted, next_attempt_at, error, reply, undated)
		WHERE m.id = r.id AND m.claims = r.claims AND m.state = 'sending'
		RETURNING m.event_id, m.campaign_id, m.state, m.last_error)
	UPDATE vero.trigger_jobs AS j
	SET state = d.state, reason = NULL, error = CASE WHEN d.state = 'failed' THEN d.last_error END
	FROM done AS d
	WHERE d.state <> 'queued' AND j.event_id = d.event_id AND j.campaign_id = d.campaign_id AND j.state = 'scheduled')",
	{INT8ARRAYOID, INT8ARRAYOID, TEXTARRAYOID, INT4ARRAYOID, TIMESTAMPTZARRAYOID, TEXTARRAYOID, TEXTARRAYOID,
	 INT4ARRAYOID, TIMESTAMPTZOID}};

constexpr Statement kRecordRecipients{
	R"(
	UPDATE vero.messages AS m
	SET accepted = $3, refused = $4
	WHERE m.id = $1 AND m.claims = $2 AND m.state = 'sending')",
	{INT8OID, INT8OID, TEXTARRAYOID, TEXTARRAYOID}};

constexpr Statement kMakeSmaller{
	R"(
	UPDATE vero.messages AS m
	SET attachment = NULL, body_text = m.text_without_attachment, body_html = m.html_without_attachment,
		text_without_attachment = NULL, html_without_attachment = NULL
	WHERE m.id = $1 AND m.claims = $2 AND m.state = 'sending'
		AND coalesce(m.text_without_attachment, m.html_without_attachment) IS NOT NULL)",
	{INT8OID, INT8OID}};

constexpr Statement kTakeBack{
	R"(
	UPDATE vero.messages
	SET state = 'queued', next_attempt_at = $1
	WHERE next_attempt_at IS NOT NULL AND state = 'sending')",
	{TIMESTAMPTZOID}};

/// The texts of an array, without the nulls among them.
std::vector<std::string> read_texts(Datum array)
{
	Datum *elements;
	bool *nulls;
	int count = call([&] {
		int size;
		deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &size);
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

Message read_row(Row<kTake> const &row, TimestampTz now, TimestampTz lease_end)
{
	Message message;
	message.lease_end = lease_end;
	Datum recipients, accepted, refused;
	call([&] {
		message.id = row.int8("id");
		message.claim = row.int8("claims");
		message.attempts = row.int4("attempts");
		message.import_id = row.optional_int8("import_id");
		message.is_transactional = row.boolean("is_transactional");
		message.is_test = row.boolean("is_test");
		message.campaign_id = row.optional_int8("campaign_id").value_or(0);
		message.dated_at = row.timestamptz("dated_at");
		message.has_smaller = row.boolean("has_smaller");
		recipients = row.datum("recipients");
		accepted = row.datum("accepted");
		refused = row.datum("refused");
	});
	message.is_dated_anew = message.dated_at == now;
	message.recipients = read_texts(recipients);
	message.accepted = read_texts(accepted);
	message.refused = read_texts(refused);
	message.from = row.optional_string("from_address");
	message.subject = row.string("subject");
	message.body_text = row.optional_string("body_text");
	message.body_html = row.optional_string("body_html");
	message.attachment = row.optional_bytes("attachment");
	message.message_id_header = row.string("message_id_header");
	return message;
}

std::string_view name_of(MessageResult::State state)
{
	using State = MessageResult::State;
	return state == State::queued ? "queued" : state == State::sent ? "sent" : "failed";
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
	auto rows = call([&] { return run_as_owner<kLockMail>(catalog, {now, limit}); });
	std::vector<ClaimedMessage> due(rows.count());
	call([&] {
		for (std::size_t i = 0; i < due.size(); i++)
			due[i] = {rows[i].int8("id"), rows[i].int8("claims")};
	});
	return due;
}

void record_recipients(Catalog const &catalog, MessageResult const &result)
{
	call([&] {
		run_as_owner<kRecordRecipients>(catalog,
										{result.id, result.claim, texts(result.accepted), texts(result.refused)});
	});
}

void make_smaller(Catalog const &catalog, MessageResult const &result)
{
	call([&] { run_as_owner<kMakeSmaller>(catalog, {result.id, result.claim}); });
}

void pull_back_late(Catalog const &catalog, TimestampTz now)
{
	call([&] { run_as_owner<kPullBack>(catalog, {now, now + kLongestWait_us}); });
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
	auto with_domain = [](std::string_view domain) { return "@" + std::string(domain) + ">"; };
	std::string none = with_domain(kNoDomain), domain = with_domain(message_id_domain(std::nullopt));
	auto rows = call([&] {
		auto ids = int8_array(due.size(), [&](std::size_t i) { return due[i].id; });
		return run_as_owner<kTake>(catalog, {ids, lease_end, now, none, domain});
	});
	for (std::size_t i = 0; i < rows.count(); i++)
		claimed.messages.push_back(read_row(rows[i], now, lease_end));
	std::sort(claimed.messages.begin(), claimed.messages.end(),
			  [](auto const &a, auto const &b) { return a.id < b.id; });
	return claimed;
}

std::optional<TimestampTz> next_message_due(Catalog const &catalog)
{
	return call([&] {
		auto rows = run_as_owner<kNextDue>(catalog, {std::int64_t{1}});
		return rows.count() == 0 ? std::nullopt : std::optional(rows[0].timestamptz("next_attempt_at"));
	});
}

void record_results(Catalog const &catalog, std::vector<MessageResult> const &results, TimestampTz now)
{
	if (results.empty())
		return;
	call([&] { lock_jobs(catalog, int8_array(results.size(), [&](std::size_t i) { return results[i].id; })); });
	for (MessageResult const &result : results) {
		if (!result.accepted.empty() || !result.refused.empty())
			record_recipients(catalog, result);
		if (result.is_made_smaller)
			make_smaller(catalog, result);
	}
	call([&] {
		std::size_t size = results.size();
		auto due_again = [&](std::size_t i) -> std::optional<Datum> {
			return results[i].state == MessageResult::State::queued
					   ? std::optional(TimestampTzGetDatum(results[i].next_attempt_at))
					   : std::nullopt;
		};
		run_as_owner<kRecord>(
			catalog, {int8_array(size, [&](std::size_t i) { return results[i].id; }),
					  int8_array(size, [&](std::size_t i) { return results[i].claim; }),
					  text_array(size, [&](std::size_t i) { return name_of(results[i].state); }),
					  int4_array(size, [&](std::size_t i) { return results[i].is_attempt ? 0 : 1; }),
					  make_array(size, kTimestamptz, due_again), optional_texts(results, &MessageResult::error),
					  optional_texts(results, &MessageResult::reply),
					  int4_array(size, [&](std::size_t i) { return results[i].is_undated ? 1 : 0; }), now});
	});
}

void take_back_orphans(Catalog const &catalog, TimestampTz now)
{
	call([&] { run_as_owner<kTakeBack>(catalog, {now}); });
}

} // namespace vero::pg
