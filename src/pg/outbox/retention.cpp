// Removes what was kept long enough: jobs that were decided, with their mail, and confirmations.
#include "pg/outbox/retention.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/catalog.hpp"
#include "pg/base/result_row.hpp"
#include "pg/base/settings.hpp"
#include "pg/base/spi.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

constexpr int kRowsAtOnce = 500;

// Cooldowns look for mail in the outbox. In UTC a day has 24 hours, whatever the session's zone.
constexpr char const *kCutoff =
	"SELECT pg_catalog.timezone('UTC', pg_catalog.timezone('UTC', $1) OPERATOR(pg_catalog.-)"
	" greatest($2, (SELECT pg_catalog.max(c.cooldown) FROM vero.campaigns AS c)))";
constexpr std::array<Oid, 2> kCutoffTypes{TIMESTAMPTZOID, INTERVALOID};

constexpr char const *kJobs =
	"WITH c AS MATERIALIZED (SELECT j.ctid AS place, j.event_id, j.campaign_id FROM vero.trigger_jobs AS j"
	"  WHERE j.decided_at OPERATOR(pg_catalog.<) $1 AND NOT EXISTS (SELECT FROM vero.messages AS m"
	"   WHERE m.event_id OPERATOR(pg_catalog.=) j.event_id AND m.campaign_id OPERATOR(pg_catalog.=) j.campaign_id"
	"   AND (m.next_attempt_at IS NOT NULL OR m.state OPERATOR(pg_catalog.=) 'queued'"
	"    OR m.sent_at OPERATOR(pg_catalog.>=) $1))"
	"  ORDER BY j.decided_at LIMIT $2 FOR UPDATE SKIP LOCKED),"
	" m AS (DELETE FROM vero.messages AS m USING c"
	"  WHERE m.event_id OPERATOR(pg_catalog.=) c.event_id AND m.campaign_id OPERATOR(pg_catalog.=) c.campaign_id)"
	" DELETE FROM vero.trigger_jobs WHERE ctid OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT c.place FROM c))";
constexpr char const *kConfirmations =
	"WITH c AS MATERIALIZED (SELECT m.ctid AS place FROM vero.messages AS m"
	"  WHERE m.kind OPERATOR(pg_catalog.=) 'confirmation' AND m.created_at OPERATOR(pg_catalog.<) $1"
	"  AND m.next_attempt_at IS NULL AND (m.sent_at IS NULL OR m.sent_at OPERATOR(pg_catalog.<) $1)"
	"  ORDER BY m.created_at LIMIT $2 FOR UPDATE SKIP LOCKED)"
	" DELETE FROM vero.messages WHERE ctid OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT c.place FROM c))";
constexpr std::array<Oid, 2> kRemoveTypes{TIMESTAMPTZOID, INT4OID};

/// In call().
std::int64_t remove(char const *sql, TimestampTz cutoff, int limit)
{
	Datum values[] = {TimestampTzGetDatum(cutoff), Int32GetDatum(limit)};
	execute_statement(prepare_statement(sql, kRemoveTypes), values, nullptr, SPI_OK_DELETE);
	return static_cast<std::int64_t>(SPI_processed);
}

/// In call(): what is older is removed.
TimestampTz find_cutoff(TimestampTz now, Interval *kept)
{
	Datum values[] = {TimestampTzGetDatum(now), IntervalPGetDatum(kept)};
	execute_statement(prepare_statement(kCutoff, kCutoffTypes), values, nullptr, SPI_OK_SELECT);
	return timestamptz_value(SPI_tuptable, 0, 1);
}

} // namespace

std::optional<Interval> kept_messages()
{
	if (keep_messages_min < 0)
		return std::nullopt;
	Interval kept{};
	kept.time = std::int64_t{keep_messages_min} * SECS_PER_MINUTE * USECS_PER_SEC;
	return kept;
}

RemovedCounts remove_old(int limit, Interval kept)
{
	RemovedCounts counts;
	SpiConnection spi;
	Catalog catalog = find_catalog();
	call([&] {
		UserSwitch caller = UserSwitch::become(catalog.owner);
		TimestampTz cutoff = find_cutoff(GetCurrentTimestamp(), &kept);
		counts.jobs = remove(kJobs, cutoff, limit);
		counts.confirmations = remove(kConfirmations, cutoff, limit);
		caller.undo();
	});
	return counts;
}

bool remove_some_old()
{
	std::optional<Interval> kept = kept_messages();
	if (!kept)
		return false;
	RemovedCounts counts = remove_old(kRowsAtOnce, *kept);
	return counts.jobs == kRowsAtOnce || counts.confirmations == kRowsAtOnce;
}

} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_remove_old)
{
	return enter([&] {
		int limit = PG_ARGISNULL(0) ? -1 : PG_GETARG_INT32(0);
		if (limit < 0)
			throw Report{ERRCODE_INVALID_PARAMETER_VALUE, "\"limit\" must not be null or negative", "", ""};
		std::optional<Interval> kept = PG_ARGISNULL(1) ? kept_messages() : std::optional(*PG_GETARG_INTERVAL_P(1));
		RemovedCounts counts = kept && limit > 0 ? remove_old(limit, *kept) : RemovedCounts{};
		return count_row(fcinfo, {counts.jobs, counts.confirmations});
	});
}
