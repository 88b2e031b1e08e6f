// Mail that is written, and not to be sent after all: of contacts who unsubscribed or were deleted, of campaigns that are not active.
#include "pg/outbox/withheld_mail.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/spi.hpp"
#include "pg/base/sql_array.hpp"

#include <unordered_map>

namespace vero::pg {
namespace {

constexpr int kReleasedAtOnce = 10'000;
/// Somebody is just changing its campaign: whether it is active is known then.
constexpr std::int64_t kChanging_us = USECS_PER_SEC;

constexpr char const *kJudge =
	"SELECT m.id, CASE WHEN c.id IS NULL THEN 'contact_deleted'"
	"  WHEN c.unsubscribed_at IS NOT NULL AND NOT k.transactional THEN 'unsubscribed' END"
	" FROM vero.messages AS m"
	" JOIN vero.campaigns AS k ON k.id OPERATOR(pg_catalog.=) m.campaign_id"
	" LEFT JOIN LATERAL (SELECT x.id, x.unsubscribed_at FROM vero.contacts AS x"
	"  WHERE x.id OPERATOR(pg_catalog.=) m.contact_id OFFSET 0) AS c ON true"
	" WHERE m.id OPERATOR(pg_catalog.=) ANY ($1)"
	"  AND (c.id IS NULL OR (c.unsubscribed_at IS NOT NULL AND NOT k.transactional) OR NOT k.active)";
constexpr std::array<Oid, 1> kJudgeTypes{INT8ARRAYOID};

constexpr char const *kCancel =
	"WITH done AS (UPDATE vero.messages AS m SET state = 'cancelled', next_attempt_at = NULL,"
	"  attempts = m.attempts OPERATOR(pg_catalog.-) $4, last_error = CASE"
	"   WHEN r.reason OPERATOR(pg_catalog.=) 'unsubscribed' THEN 'the contact has unsubscribed'"
	"   ELSE 'the contact was deleted' END"
	"  FROM unnest($1, $2, $3) AS r (id, claims, reason)"
	"  WHERE m.id OPERATOR(pg_catalog.=) r.id AND m.claims OPERATOR(pg_catalog.=) r.claims AND m.next_attempt_at IS "
	"NOT NULL"
	"  RETURNING m.event_id, m.campaign_id, r.reason)"
	" UPDATE vero.trigger_jobs AS j SET state = 'discarded', reason = d.reason, message_id = NULL FROM done AS d"
	" WHERE j.event_id OPERATOR(pg_catalog.=) d.event_id AND j.campaign_id OPERATOR(pg_catalog.=) d.campaign_id"
	"  AND j.state OPERATOR(pg_catalog.=) 'scheduled'";
constexpr std::array<Oid, 4> kCancelTypes{INT8ARRAYOID, INT8ARRAYOID, TEXTARRAYOID, INT4OID};

// The lock on the campaign has whoever makes it active wait until these messages can be seen to wait for that.
constexpr char const *kHold =
	"WITH idle AS MATERIALIZED (SELECT k.id FROM vero.campaigns AS k WHERE NOT k.active"
	"  AND k.id OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT x.campaign_id FROM vero.messages AS x"
	"   WHERE x.id OPERATOR(pg_catalog.=) ANY ($1))) FOR SHARE SKIP LOCKED)"
	" UPDATE vero.messages AS m SET state = 'queued', attempts = m.attempts OPERATOR(pg_catalog.-) $3,"
	"  next_attempt_at = CASE WHEN m.campaign_id OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT idle.id FROM idle)) THEN "
	"NULL ELSE $4 END"
	" FROM unnest($1, $2) AS r (id, claims)"
	" WHERE m.id OPERATOR(pg_catalog.=) r.id AND m.claims OPERATOR(pg_catalog.=) r.claims AND m.next_attempt_at IS NOT "
	"NULL";
constexpr std::array<Oid, 4> kHoldTypes{INT8ARRAYOID, INT8ARRAYOID, INT4OID, TIMESTAMPTZOID};

constexpr char const *kRelease =
	"UPDATE vero.messages AS m SET next_attempt_at = $1 WHERE m.id OPERATOR(pg_catalog.=) ANY (ARRAY("
	"  SELECT x.id FROM vero.messages AS x WHERE x.state OPERATOR(pg_catalog.=) 'queued' AND x.next_attempt_at IS NULL"
	"  AND x.campaign_id OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT k.id FROM vero.campaigns AS k WHERE k.active))"
	"  LIMIT $2 FOR UPDATE SKIP LOCKED))";
constexpr std::array<Oid, 2> kReleaseTypes{TIMESTAMPTZOID, INT4OID};

Datum ids_of(std::vector<ClaimedMessage> const &messages)
{
	return int8_array(messages.size(), [&](std::size_t i) { return messages[i].id; });
}

Datum claims_of(std::vector<ClaimedMessage> const &messages)
{
	return int8_array(messages.size(), [&](std::size_t i) { return messages[i].claim; });
}

/// Why they are not to be sent now, "" for those that wait for their campaign, by their ids.
std::unordered_map<std::int64_t, std::string> judge(Catalog const &catalog, std::vector<ClaimedMessage> const &messages)
{
	std::size_t count = call([&] {
		Datum values[] = {ids_of(messages)};
		execute_as(catalog.owner, kJudge, kJudgeTypes, values, SPI_OK_SELECT);
		return SPI_processed;
	});
	SPITupleTable const *rows = SPI_tuptable;
	std::unordered_map<std::int64_t, std::string> reasons;
	for (std::size_t row = 0; row < count; row++) {
		std::int64_t id = call([&] { return int8_value(rows, row, 1); });
		reasons.emplace(id, string_value(rows, row, 2));
	}
	return reasons;
}

} // namespace

void withhold_mail(Catalog const &catalog, std::vector<ClaimedMessage> &messages, int uncounted, TimestampTz now)
{
	std::unordered_map<std::int64_t, std::string> reasons = judge(catalog, messages);
	if (reasons.empty())
		return;
	std::vector<ClaimedMessage> cancelled, held;
	for (ClaimedMessage const &message : messages)
		if (auto reason = reasons.find(message.id); reason != reasons.end())
			(reason->second.empty() ? held : cancelled).push_back(message);
	std::erase_if(messages, [&](ClaimedMessage const &message) { return reasons.contains(message.id); });
	call([&] {
		Datum cancelling[] = {
			ids_of(cancelled), claims_of(cancelled),
			text_array(cancelled.size(), [&](std::size_t i) { return std::string_view(reasons[cancelled[i].id]); }),
			Int32GetDatum(uncounted)};
		if (!cancelled.empty())
			execute_as(catalog.owner, kCancel, kCancelTypes, cancelling, SPI_OK_UPDATE);
		Datum holding[] = {ids_of(held), claims_of(held), Int32GetDatum(uncounted),
						   TimestampTzGetDatum(now + kChanging_us)};
		if (!held.empty())
			execute_as(catalog.owner, kHold, kHoldTypes, holding, SPI_OK_UPDATE);
	});
}

bool release_mail(Catalog const &catalog, TimestampTz now)
{
	return call([&] {
		Datum values[] = {TimestampTzGetDatum(now), Int32GetDatum(kReleasedAtOnce)};
		execute_as(catalog.owner, kRelease, kReleaseTypes, values, SPI_OK_UPDATE);
		return SPI_processed == kReleasedAtOnce;
	});
}

} // namespace vero::pg
