// Mail that is written, and not to be sent after all: of contacts who unsubscribed or were deleted, of imports that were undone,
// of campaigns that are not active, or stopped.
#include "pg/outbox/withheld_mail.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/sql/statement.hpp"

#include <unordered_map>

namespace vero::pg {
namespace {

constexpr int kReleasedAtOnce = 10'000;
/// Somebody is just changing its campaign: whether it is active is known then.
constexpr std::int64_t kChanging_us = USECS_PER_SEC;

constexpr Statement kJudge{
	R"(
	SELECT m.id,
		CASE WHEN m.campaign_id IS NULL THEN NULL
			WHEN j.import_state = 'undone' THEN 'import_undone'
			WHEN j.reason = 'cancelled' THEN 'cancelled'
			WHEN c.id IS NULL THEN 'contact_deleted'
			WHEN c.unsubscribed_at IS NOT NULL AND NOT k.transactional THEN 'unsubscribed' END AS reason
	FROM vero.messages AS m
	LEFT JOIN vero.campaigns AS k ON k.id = m.campaign_id
	LEFT JOIN LATERAL (SELECT x.id, x.unsubscribed_at FROM vero.contacts AS x WHERE x.id = m.contact_id OFFSET 0) AS c ON true
	LEFT JOIN LATERAL (
		SELECT x.reason, i.state AS import_state
		FROM vero.trigger_jobs AS x
		LEFT JOIN vero.imports AS i ON i.id = x.import_id
		WHERE x.event_id = m.event_id AND x.campaign_id = m.campaign_id
		OFFSET 0) AS j ON true
	WHERE m.id = ANY ($1)
		AND (EXISTS (SELECT FROM vero.mail_stops AS s WHERE s.campaign_id IS NULL OR s.campaign_id = m.campaign_id)
			OR (m.campaign_id IS NOT NULL AND (j.import_state = 'undone' OR j.reason = 'cancelled' OR c.id IS NULL
				OR (c.unsubscribed_at IS NOT NULL AND NOT k.transactional) OR NOT k.active))))",
	{INT8ARRAYOID},
	{{"id", INT8OID}, {"reason", TEXTOID}}};

// vero.cancel_mail() locks jobs in this order, too.
constexpr Statement kLockJobs{
	R"(
	SELECT
	FROM vero.messages AS m
	JOIN vero.trigger_jobs AS j ON j.event_id = m.event_id AND j.campaign_id = m.campaign_id
	WHERE m.id = ANY ($1)
	ORDER BY j.event_id, j.campaign_id
	FOR NO KEY UPDATE OF j)",
	{INT8ARRAYOID}};

constexpr Statement kCancel{
	R"(
	WITH done AS (
		UPDATE vero.messages AS m
		SET state = 'cancelled', next_attempt_at = NULL, attempts = m.attempts - $4,
			last_error = CASE WHEN r.reason = 'unsubscribed' THEN 'the contact has unsubscribed'
				WHEN r.reason = 'import_undone' THEN 'its import was undone' WHEN r.reason = 'cancelled' THEN 'was cancelled'
				ELSE 'the contact was deleted' END
		FROM unnest($1, $2, $3) AS r (id, claims, reason)
		WHERE m.id = r.id AND m.claims = r.claims AND m.next_attempt_at IS NOT NULL
		RETURNING m.event_id, m.campaign_id, r.reason)
	UPDATE vero.trigger_jobs AS j
	SET state = CASE WHEN d.reason = ANY ('{import_undone,cancelled}'::text[]) THEN 'cancelled' ELSE 'discarded' END, reason = d.reason, message_id = NULL,
		decided_at = clock_timestamp()
	FROM done AS d
	WHERE j.event_id = d.event_id AND j.campaign_id = d.campaign_id AND j.state = 'scheduled')",
	{INT8ARRAYOID, INT8ARRAYOID, TEXTARRAYOID, INT4OID}};

// The locks have whoever makes the campaign active, or starts mail, wait until these messages can be seen to wait for that.
constexpr Statement kHold{
	R"(
	WITH idle AS MATERIALIZED (
		SELECT k.id
		FROM vero.campaigns AS k
		WHERE NOT k.active AND k.id = ANY (ARRAY(SELECT x.campaign_id FROM vero.messages AS x WHERE x.id = ANY ($1)))
		FOR SHARE SKIP LOCKED),
	stopped AS MATERIALIZED (SELECT s.campaign_id FROM vero.mail_stops AS s FOR SHARE SKIP LOCKED)
	UPDATE vero.messages AS m
	SET state = 'queued', attempts = m.attempts - $3,
		next_attempt_at = CASE WHEN m.campaign_id = ANY (ARRAY(SELECT idle.id FROM idle))
			OR EXISTS (SELECT FROM stopped AS s WHERE s.campaign_id IS NULL OR s.campaign_id = m.campaign_id) THEN NULL ELSE $4 END
	FROM unnest($1, $2) AS r (id, claims)
	WHERE m.id = r.id AND m.claims = r.claims AND m.next_attempt_at IS NOT NULL)",
	{INT8ARRAYOID, INT8ARRAYOID, INT4OID, TIMESTAMPTZOID}};

constexpr Statement kRelease{
	R"(
	UPDATE vero.messages AS m
	SET next_attempt_at = $1
	WHERE m.id = ANY (ARRAY(
		SELECT x.id
		FROM vero.messages AS x
		WHERE x.state = 'queued' AND x.next_attempt_at IS NULL
			AND NOT EXISTS (SELECT FROM vero.mail_stops AS s WHERE s.campaign_id IS NULL)
			AND (x.campaign_id IS NULL OR x.campaign_id = ANY (ARRAY(
				SELECT k.id
				FROM vero.campaigns AS k
				WHERE k.active AND NOT EXISTS (SELECT FROM vero.mail_stops AS s WHERE s.campaign_id = k.id))))
		LIMIT $2
		FOR UPDATE SKIP LOCKED)))",
	{TIMESTAMPTZOID, INT4OID}};

Datum ids_of(std::vector<ClaimedMessage> const &messages)
{
	return int8_array(messages.size(), [&](std::size_t i) { return messages[i].id; });
}

Datum claims_of(std::vector<ClaimedMessage> const &messages)
{
	return int8_array(messages.size(), [&](std::size_t i) { return messages[i].claim; });
}

/// Why they are not to be sent now, "" for those that wait, by their ids.
std::unordered_map<std::int64_t, std::string> judge(Catalog const &catalog, std::vector<ClaimedMessage> const &messages)
{
	auto rows = call([&] { return run_as_owner<kJudge>(catalog, {ids_of(messages)}); });
	std::unordered_map<std::int64_t, std::string> reasons;
	for (std::size_t i = 0; i < rows.count(); i++) {
		std::int64_t id = call([&] { return rows[i].int8("id"); });
		reasons.emplace(id, rows[i].string("reason"));
	}
	return reasons;
}

} // namespace

void lock_jobs(Catalog const &catalog, Datum messages)
{
	run_as_owner<kLockJobs>(catalog, {messages});
}

void withhold_mail(Catalog const &catalog, std::vector<ClaimedMessage> &messages, int uncounted, TimestampTz now)
{
	std::unordered_map<std::int64_t, std::string> reasons = judge(catalog, messages);
	if (reasons.empty())
		return;
	std::vector<ClaimedMessage> cancelled, held;
	for (ClaimedMessage const &message : messages) {
		if (auto reason = reasons.find(message.id); reason != reasons.end())
			(reason->second.empty() ? held : cancelled).push_back(message);
	}
	std::erase_if(messages, [&](ClaimedMessage const &message) { return reasons.contains(message.id); });
	auto reason_of = [&](std::size_t i) { return std::string_view(reasons[cancelled[i].id]); };
	call([&] {
		if (!cancelled.empty()) {
			lock_jobs(catalog, ids_of(cancelled));
			run_as_owner<kCancel>(
				catalog, {ids_of(cancelled), claims_of(cancelled), text_array(cancelled.size(), reason_of), uncounted});
		}
		if (!held.empty())
			run_as_owner<kHold>(catalog, {ids_of(held), claims_of(held), uncounted, now + kChanging_us});
	});
}

bool release_mail(Catalog const &catalog, TimestampTz now)
{
	return call([&] { return run_as_owner<kRelease>(catalog, {now, kReleasedAtOnce}).count() == kReleasedAtOnce; });
}

} // namespace vero::pg
