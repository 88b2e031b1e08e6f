// Mail that waits or is cancelled because somebody says so: vero.stop_mail(), start_mail(), cancel_mail().
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/outbox/named_campaign.hpp"
#include "pg/slots/wakeup.hpp"
#include "pg/sql/statement.hpp"

namespace vero::pg {
namespace {

constexpr Statement kImport{
	R"(
	SELECT i.id
	FROM vero.imports AS i
	WHERE i.id = $1)",
	{INT8OID},
	{{"id", INT8OID}}};

constexpr Statement kStop{
	R"(
	INSERT INTO vero.mail_stops (campaign_id, stopped_by)
	VALUES ($1, $2)
	ON CONFLICT DO NOTHING)",
	{INT8OID, NAMEOID}};

// Waits for a sender who is just having messages wait for it, so that they are found when it is gone. What stopped the mail of a campaign that is
// deleted goes with it: nobody can name that any more.
constexpr Statement kStart{
	R"(
	DELETE FROM vero.mail_stops
	WHERE campaign_id IS NOT DISTINCT FROM $1 OR campaign_id <> ALL (SELECT k.id FROM vero.campaigns AS k))",
	{INT8OID}};

constexpr Statement kStillStopped{
	R"(
	SELECT coalesce(bool_or(s.campaign_id IS NULL), false) AS is_all, string_agg(k.name, ', ' ORDER BY k.name) AS campaigns
	FROM vero.mail_stops AS s
	LEFT JOIN vero.campaigns AS k ON k.id = s.campaign_id
	HAVING bool_or(s.campaign_id IS NULL) OR (count(*) > 0 AND NOT $1))",
	{BOOLOID},
	{{"is_all", BOOLOID}, {"campaigns", TEXTOID}}};

// Waits for whoever is just deciding one of them, and then leaves it: its mail is there by now.
constexpr Statement kCancelJobs{
	R"(
	UPDATE vero.trigger_jobs
	SET state = 'cancelled', reason = 'cancelled', decided_at = clock_timestamp()
	WHERE ($1 IS NULL OR campaign_id = $1) AND ($2 IS NULL OR import_id = $2) AND state = 'scheduled' AND message_id IS NULL)",
	{INT8OID, INT8OID}};

// Before any of them is changed, and in the order in which senders lock those of their messages (withheld_mail.cpp): who records what was sent meanwhile
// is waited for here, and never waits for something that was locked before.
constexpr Statement kLockMailedJobs{
	R"(
	SELECT
	FROM vero.trigger_jobs AS j
	WHERE ($1 IS NULL OR j.campaign_id = $1) AND ($2 IS NULL OR j.import_id = $2) AND j.state = 'scheduled' AND j.message_id IS NOT NULL
	ORDER BY j.event_id, j.campaign_id
	FOR NO KEY UPDATE)",
	{INT8OID, INT8OID}};

// What somebody has in hand is passed over.
constexpr Statement kCancelMail{
	R"(
	WITH unsent AS MATERIALIZED (
		SELECT m.id, j.event_id, j.campaign_id
		FROM vero.trigger_jobs AS j
		JOIN vero.messages AS m ON m.event_id = j.event_id AND m.campaign_id = j.campaign_id
		WHERE ($1 IS NULL OR j.campaign_id = $1) AND ($2 IS NULL OR j.import_id = $2) AND j.state = 'scheduled' AND j.message_id IS NOT NULL
			AND m.state = ANY ('{queued,stored}'::text[])
		FOR UPDATE SKIP LOCKED),
	cancelled AS (
		UPDATE vero.messages AS m
		SET state = 'cancelled', next_attempt_at = NULL, last_error = concat('was cancelled by ', $3)
		FROM unsent AS u
		WHERE m.id = u.id)
	UPDATE vero.trigger_jobs AS j
	SET state = 'cancelled', reason = 'cancelled', message_id = NULL, decided_at = clock_timestamp()
	FROM unsent AS u
	WHERE j.event_id = u.event_id AND j.campaign_id = u.campaign_id)",
	{INT8OID, INT8OID, NAMEOID}};

// withheld_mail.cpp cancels them where they would be tried once more.
constexpr Statement kMarkRest{
	R"(
	UPDATE vero.trigger_jobs
	SET reason = 'cancelled'
	WHERE ($1 IS NULL OR campaign_id = $1) AND ($2 IS NULL OR import_id = $2) AND state = 'scheduled' AND message_id IS NOT NULL)",
	{INT8OID, INT8OID}};

/// Nothing where none is named.
std::optional<std::int64_t> id_of(Catalog const &catalog, std::optional<std::string> const &campaign)
{
	return campaign ? std::optional(find_campaign(catalog, *campaign).id) : std::nullopt;
}

void check_import(Catalog const &catalog, std::int64_t import)
{
	if (call([&] { return run_as_owner<kImport>(catalog, {import}).count() == 0; }))
		throw Report{ERRCODE_NO_DATA_FOUND, "import " + std::to_string(import) + " does not exist", "", ""};
}

void stop_mail(std::optional<std::string> const &name)
{
	SpiConnection spi;
	Catalog catalog = find_catalog();
	std::optional<std::int64_t> campaign = id_of(catalog, name);
	call([&] {
		Datum user = current_user_name();
		run_as_owner<kStop>(catalog, {campaign, user});
	});
}

/// What somebody who starts mail, of a campaign or in general, may not know of.
void tell_still_stopped(Catalog const &catalog, bool is_campaign)
{
	auto rows = call([&] { return run_as_owner<kStillStopped>(catalog, {is_campaign}); });
	if (rows.count() == 0)
		return;
	bool is_all = call([&] { return rows[0].boolean("is_all"); });
	std::string message = is_all ? "all mail is stopped still"
								 : "the mail of some campaigns is stopped still: " + rows[0].string("campaigns");
	char const *hint = is_all ? "vero.start_mail() without a campaign starts it."
							  : "vero.start_mail() with a campaign's name starts its mail.";
	call([&] { ereport(NOTICE, (errmsg_internal("%s", message.c_str()), errhint("%s", hint))); });
}

void start_mail(std::optional<std::string> const &name)
{
	SpiConnection spi;
	Catalog catalog = find_catalog();
	std::optional<std::int64_t> campaign = id_of(catalog, name);
	call([&] { run_as_owner<kStart>(catalog, {campaign}); });
	tell_still_stopped(catalog, campaign.has_value());
	wake_worker_at_commit(GetCurrentTimestamp());
}

struct CancelledCounts {
	std::int64_t jobs, messages, in_flight;
};

CancelledCounts cancel_mail(std::optional<std::string> const &name, std::optional<std::int64_t> import)
{
	if (!name && !import) {
		throw Report{ERRCODE_INVALID_PARAMETER_VALUE, "it is not said which mail is to be cancelled", "",
					 "Name a campaign, an import => by its number, or both. vero.stop_mail() has all mail wait."};
	}
	SpiConnection spi;
	Catalog catalog = find_catalog();
	std::optional<std::int64_t> campaign = id_of(catalog, name);
	if (import)
		check_import(catalog, *import);
	return call([&] {
		Datum user = current_user_name();
		auto count = [](auto const &rows) { return static_cast<std::int64_t>(rows.count()); };
		CancelledCounts counts{};
		counts.jobs = count(run_as_owner<kCancelJobs>(catalog, {campaign, import}));
		run_as_owner<kLockMailedJobs>(catalog, {campaign, import});
		counts.messages = count(run_as_owner<kCancelMail>(catalog, {campaign, import, user}));
		counts.in_flight = count(run_as_owner<kMarkRest>(catalog, {campaign, import}));
		counts.jobs += counts.messages;
		return counts;
	});
}

} // namespace
} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_stop_mail)
{
	return enter([&] {
		stop_mail(text_argument(fcinfo, 0));
		return static_cast<Datum>(0);
	});
}

VERO_FUNCTION(vero_start_mail)
{
	return enter([&] {
		start_mail(text_argument(fcinfo, 0));
		return static_cast<Datum>(0);
	});
}

VERO_FUNCTION(vero_cancel_mail)
{
	return enter([&] {
		std::optional<std::int64_t> import = PG_ARGISNULL(1) ? std::nullopt : std::optional(PG_GETARG_INT64(1));
		CancelledCounts counts = cancel_mail(text_argument(fcinfo, 0), import);
		return count_row(fcinfo, {counts.jobs, counts.messages, counts.in_flight});
	});
}
