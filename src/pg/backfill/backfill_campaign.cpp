// Gives stored events the jobs of a campaign, or says what would become of them: vero.backfill_campaign().
#include "core/text/text.hpp"
#include "pg/backfill/backfill.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/settings.hpp"
#include "pg/base/timestamp.hpp"
#include "pg/import/forecast_json.hpp"
#include "pg/import/import.hpp"
#include "pg/import/import_wait.hpp"
#include "pg/import/several_imports.hpp"
#include "pg/import/too_many_jobs.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "access/xact.h"
#include "storage/lock.h"
#include "tcop/utility.h"
#include "utils/timestamp.h"
}

#include <numeric>

namespace vero::pg {
namespace {

// Against deletion, as an import does, which also lets others change it.
constexpr Statement kLockCampaign{
	R"(
	SELECT k.id
	FROM vero.campaigns AS k
	WHERE k.name = $1
	FOR KEY SHARE)",
	{TEXTOID},
	{{"id", INT8OID}}};

// The intervals have no months: an epoch of theirs is exact.
constexpr Statement kTrigger{
	R"(
	SELECT k.id, k.event_name, k.active, (extract(epoch FROM k.delay) * 1000000)::int8 AS delay_us,
		(extract(epoch FROM k.grace) * 1000000)::int8 AS grace_us
	FROM vero.campaigns AS k
	WHERE k.name = $1)",
	{TEXTOID},
	{{"id", INT8OID}, {"event_name", TEXTOID}, {"active", BOOLOID}, {"delay_us", INT8OID}, {"grace_us", INT8OID}}};

enum class Run : unsigned char { dry, real };

struct Arguments {
	std::string campaign;
	TimestampTz since;
	Run run;
};

Report null_argument(char const *name, char const *hint)
{
	return Report{ERRCODE_NULL_VALUE_NOT_ALLOWED, "\"" + std::string(name) + "\" must not be null", "", hint};
}

Arguments read_arguments(FunctionCallInfo fcinfo)
{
	std::optional<std::string> campaign = text_argument(fcinfo, 0);
	if (!campaign)
		throw null_argument("campaign", "A campaign is called by its name in vero.campaigns.");
	if (PG_ARGISNULL(1))
		throw null_argument("since", "It is the time of the first event that is to get a job; '-infinity' takes all.");
	if (PG_ARGISNULL(2)) {
		throw null_argument("dry_run",
							"With true, which is the default, nothing is written; with false, jobs are registered.");
	}
	return {*std::move(campaign), PG_GETARG_TIMESTAMPTZ(1), PG_GETARG_BOOL(2) ? Run::dry : Run::real};
}

void check_transaction()
{
	call([] {
		PreventCommandIfReadOnly("backfill_campaign()");
		PreventCommandIfParallelMode("backfill_campaign()");
		PreventCommandDuringRecovery("backfill_campaign()");
	});
	if (IsolationUsesXactSnapshot()) {
		throw Report{ERRCODE_FEATURE_NOT_SUPPORTED,
					 "campaigns can only be backfilled at isolation level READ COMMITTED", "", ""};
	}
}

/// Until the end of the transaction: who backfills the campaign next sees these jobs. Imports do not wait for it.
void exclude_other_backfills(std::int64_t campaign)
{
	WaitReason const reason("the campaign's other backfill, which is");
	call([campaign] {
		// the last number tells it from what SQL can lock, which has 1 and 2 there, and from the extension's other locks
		LOCKTAG tag;
		SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, static_cast<uint32>(campaign >> 32), static_cast<uint32>(campaign), 5);
		(void)LockAcquire(&tag, ExclusiveLock, false, false);
	});
}

/// Jobs that were decided may be removed when they have been kept so long: what was due before that may have had its mail.
std::int64_t known_grace_us(std::int64_t grace_us)
{
	int const kept_min = keep_messages_min();
	return kept_min < 0 ? grace_us : std::min(grace_us, std::int64_t{kept_min} * SECS_PER_MINUTE * USECS_PER_SEC);
}

Backfill find_backfill(Catalog const &catalog, Arguments const &arguments, TimestampTz now)
{
	auto rows = call([&] { return run_as_owner<kTrigger>(catalog, {arguments.campaign}); });
	if (rows.count() == 0) {
		throw Report{ERRCODE_UNDEFINED_OBJECT, "campaign " + quote_clipped(arguments.campaign) + " does not exist", "",
					 "vero.campaign_report shows those that there are."};
	}
	Backfill backfill{0, arguments.campaign, rows[0].string("event_name"), {}, arguments.since, now};
	bool const is_active = call([&] {
		backfill.campaign_id = rows[0].int8("id");
		backfill.timing = {rows[0].int8("delay_us"), rows[0].int8("grace_us")};
		return rows[0].boolean("active");
	});
	if (!is_active) {
		throw Report{ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
					 "campaign " + quote_clipped(arguments.campaign) + " is not active", "",
					 "Only active campaigns get jobs: UPDATE vero.campaigns SET active = true makes it one."};
	}
	backfill.timing.grace_us = known_grace_us(backfill.timing.grace_us);
	return backfill;
}

CampaignCounts backfill_campaign(Arguments const &arguments)
{
	TimestampTz const now = GetCurrentTimestamp();
	SpiConnection spi;
	Catalog catalog = find_catalog();
	check_trigger_allowed(catalog);
	if (arguments.run == Run::dry)
		return forecast_backfill(catalog, find_backfill(catalog, arguments, now));
	ImportWait wait("backfill_campaign()");
	keep_from_cascading_undos();
	call([&] { run_as_owner<kLockCampaign>(catalog, {arguments.campaign}); });
	Backfill const backfill = find_backfill(catalog, arguments, now);
	exclude_other_backfills(backfill.campaign_id);
	CampaignCounts counts = register_backfill(catalog, backfill);
	wait.end();
	return counts;
}

/// As vero.import_forecast shows it.
std::string describe_busiest(CampaignCounts const &counts)
{
	std::string words;
	for (BusyContact const &contact : counts.busiest) {
		words += (words.empty() ? "" : ", ") + (contact.email.empty() ? "(forgotten)" : contact.email) + ": " +
				 std::to_string(contact.mails);
	}
	return words;
}

/// What is of a forecast only is null where jobs were registered.
Datum as_row(FunctionCallInfo fcinfo, CampaignCounts const &counts, Run run)
{
	std::int64_t const discarded = std::accumulate(counts.discarded.begin(), counts.discarded.end(), std::int64_t{0});
	std::optional<Datum> const by_reason = discarded_by_reason(counts);
	std::string const per_contact = counts.contacts > 0 ? mails_per_contact(counts) : "";
	std::string const busiest = describe_busiest(counts);
	bool const is_real = run == Run::real, is_later = counts.later > 0;
	return call([&] {
		Datum values[] = {text_datum(counts.name),
						  Int64GetDatum(counts.now),
						  Int64GetDatum(counts.later),
						  TimestampTzGetDatum(to_timestamptz(counts.first_due_us)),
						  TimestampTzGetDatum(to_timestamptz(counts.last_due_us)),
						  Int64GetDatum(discarded),
						  by_reason.value_or(0),
						  Int64GetDatum(counts.failed),
						  Int64GetDatum(counts.contacts),
						  text_datum(per_contact),
						  text_datum(busiest)};
		bool nulls[] = {false,		false,	 false,	  !is_later,		   !is_later,	   false,
						!by_reason, is_real, is_real, per_contact.empty(), busiest.empty()};
		constexpr std::array<Oid, std::size(values)> kTypes{TEXTOID,		INT8OID, INT8OID,  TIMESTAMPTZOID,
															TIMESTAMPTZOID, INT8OID, JSONBOID, INT8OID,
															INT8OID,		TEXTOID, TEXTOID};
		return result_row(fcinfo, kTypes, values, nulls);
	});
}

} // namespace
} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_backfill_campaign)
{
	return enter([&] {
		Arguments const arguments = read_arguments(fcinfo);
		if (arguments.run == Run::real)
			check_transaction();
		return as_row(fcinfo, backfill_campaign(arguments), arguments.run);
	});
}
