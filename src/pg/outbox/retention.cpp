// Removes what was kept long enough: jobs that were decided, with their mail, confirmations, tests, and rejected records.
#include "pg/outbox/retention.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/settings.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

constexpr int kRowsAtOnce = 500;
constexpr int kRejectsAtOnce = 5000;

// Cooldowns look for mail in the outbox. In UTC a day has 24 hours, whatever the session's zone.
constexpr Statement kCutoff{
	R"(
	SELECT timezone('UTC', timezone('UTC', $1) - greatest($2, (SELECT max(c.cooldown) FROM vero.campaigns AS c))) AS cutoff)",
	{TIMESTAMPTZOID, INTERVALOID},
	{{"cutoff", TIMESTAMPTZOID}}};

// A place names a row of one table. Where others lie below it, as a hypertable's chunks do, they have rows at the same places, so that it takes the key, too.
constexpr Statement kRemoveJobs{
	R"(
	WITH c AS MATERIALIZED (
		SELECT j.ctid AS place, j.event_id, j.campaign_id
		FROM vero.trigger_jobs AS j
		WHERE j.decided_at < $1
			AND NOT EXISTS (
				SELECT
				FROM vero.messages AS m
				WHERE m.event_id = j.event_id AND m.campaign_id = j.campaign_id
					AND (m.next_attempt_at IS NOT NULL OR m.state = 'queued' OR m.sent_at >= $1))
		ORDER BY j.decided_at
		LIMIT $2
		FOR UPDATE SKIP LOCKED),
	m AS (
		DELETE FROM vero.messages AS m
		USING c
		WHERE m.event_id = c.event_id AND m.campaign_id = c.campaign_id)
	DELETE FROM vero.trigger_jobs
	WHERE ctid = ANY (ARRAY(SELECT c.place FROM c)) AND (event_id, campaign_id) IN (SELECT c.event_id, c.campaign_id FROM c))",
	{TIMESTAMPTZOID, INT4OID}};

constexpr Statement kRemoveConfirmations{
	R"(
	WITH c AS MATERIALIZED (
		SELECT m.ctid AS place
		FROM vero.messages AS m
		WHERE m.kind <> 'campaign' AND m.created_at < $1 AND m.next_attempt_at IS NULL AND (m.sent_at IS NULL OR m.sent_at < $1)
		ORDER BY m.created_at
		LIMIT $2
		FOR UPDATE SKIP LOCKED)
	DELETE FROM vero.messages
	WHERE ctid = ANY (ARRAY(SELECT c.place FROM c)))",
	{TIMESTAMPTZOID, INT4OID}};

// An import that nobody saw end is over, too, as its row says more of it than that it runs.
constexpr Statement kRemoveRejects{
	R"(
	WITH c AS MATERIALIZED (
		SELECT r.ctid AS place, r.import_id, r.record_number
		FROM vero.imports AS i
		JOIN vero.rejected_rows AS r ON r.import_id = i.id
		WHERE i.rows_rejected > 0 AND i.state <> 'running'
			AND coalesce(i.finished_at, i.started_at) < timezone('UTC', timezone('UTC', $1) - $2)
		LIMIT $3
		FOR UPDATE OF r SKIP LOCKED)
	DELETE FROM vero.rejected_rows
	WHERE ctid = ANY (ARRAY(SELECT c.place FROM c)) AND (import_id, record_number) IN (SELECT c.import_id, c.record_number FROM c))",
	{TIMESTAMPTZOID, INTERVALOID, INT4OID}};

std::optional<Interval> of_minutes(int minutes)
{
	if (minutes < 0)
		return std::nullopt;
	Interval kept{};
	kept.time = std::int64_t{minutes} * SECS_PER_MINUTE * USECS_PER_SEC;
	return kept;
}

int limit_argument(FunctionCallInfo fcinfo)
{
	int limit = PG_ARGISNULL(0) ? -1 : PG_GETARG_INT32(0);
	if (limit < 0)
		throw Report{ERRCODE_INVALID_PARAMETER_VALUE, "\"limit\" must not be null or negative", "", ""};
	return limit;
}

} // namespace

std::optional<Interval> kept_messages()
{
	return of_minutes(keep_messages_min());
}

std::optional<Interval> kept_rejects()
{
	return of_minutes(keep_rejects_min());
}

/// Of what is kept for less than no time nobody could say what that means: the settings' -1 is for ever.
void check_not_negative(Interval const &kept)
{
	__int128 length = (static_cast<__int128>(kept.month) * DAYS_PER_MONTH + kept.day) * USECS_PER_DAY + kept.time;
	if (length < 0) {
		throw Report{ERRCODE_INVALID_PARAMETER_VALUE, "\"kept\" must not be negative", "",
					 "To keep all, do not call it."};
	}
}

RemovedCounts remove_old(int limit, Interval kept)
{
	check_not_negative(kept);
	RemovedCounts counts;
	SpiConnection spi;
	Catalog catalog = find_catalog();
	call([&] {
		as_owner(catalog, [&] {
			// what is older is removed
			TimestampTz cutoff =
				run<kCutoff>({GetCurrentTimestamp(), IntervalPGetDatum(&kept)})[0].timestamptz("cutoff");
			counts.jobs = static_cast<std::int64_t>(run<kRemoveJobs>({cutoff, limit}).count());
			counts.confirmations = static_cast<std::int64_t>(run<kRemoveConfirmations>({cutoff, limit}).count());
		});
	});
	return counts;
}

std::int64_t remove_old_rejects(int limit, Interval kept)
{
	check_not_negative(kept);
	SpiConnection spi;
	Catalog catalog = find_catalog();
	return call([&] {
		auto removed = run_as_owner<kRemoveRejects>(catalog, {GetCurrentTimestamp(), IntervalPGetDatum(&kept), limit});
		return static_cast<std::int64_t>(removed.count());
	});
}

bool remove_some_old()
{
	std::optional<Interval> messages = kept_messages(), rejects = kept_rejects();
	RemovedCounts counts = messages ? remove_old(kRowsAtOnce, *messages) : RemovedCounts{};
	std::int64_t removed = rejects ? remove_old_rejects(kRejectsAtOnce, *rejects) : 0;
	return counts.jobs == kRowsAtOnce || counts.confirmations == kRowsAtOnce || removed == kRejectsAtOnce;
}

} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_remove_old)
{
	return enter([&] {
		int limit = limit_argument(fcinfo);
		std::optional<Interval> kept = PG_ARGISNULL(1) ? kept_messages() : std::optional(*PG_GETARG_INTERVAL_P(1));
		RemovedCounts counts = kept && limit > 0 ? remove_old(limit, *kept) : RemovedCounts{};
		return count_row(fcinfo, {counts.jobs, counts.confirmations});
	});
}

VERO_FUNCTION(vero_remove_old_rejects)
{
	return enter([&] {
		int limit = limit_argument(fcinfo);
		std::optional<Interval> kept = PG_ARGISNULL(1) ? kept_rejects() : std::optional(*PG_GETARG_INTERVAL_P(1));
		return Int64GetDatum(kept && limit > 0 ? remove_old_rejects(limit, *kept) : 0);
	});
}
