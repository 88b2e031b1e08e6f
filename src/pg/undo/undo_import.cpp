// Takes back what an import has brought: vero.undo_import().
#include "pg/base/arguments.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/import/import_owner.hpp"
#include "pg/import/several_imports.hpp"
#include "pg/sql/citus_node.hpp"
#include "pg/sql/statement.hpp"
#include "pg/undo/index_settings.hpp"
#include "pg/undo/undone_contacts.hpp"
#include "pg/undo/undone_events.hpp"

extern "C" {
#include "access/xact.h"
#include "catalog/pg_type_d.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

constexpr Statement kLockImport{
	R"(
	SELECT i.state, i.contacts_created
	FROM vero.imports AS i
	WHERE i.id = $1
	FOR UPDATE)",
	{INT8OID},
	{{"state", TEXTOID}, {"contacts_created", INT8OID}}};

constexpr Statement kCorrections{
	R"(
	SELECT i.id
	FROM vero.imports AS i
	WHERE i.id = ANY ((SELECT p.corrected_by FROM vero.imports AS p WHERE p.id = $1)::int8[])
		AND i.state = ANY ('{completed,completed_with_rejects}'::text[])
	ORDER BY i.id)",
	{INT8OID},
	{{"id", INT8OID}}};

// The jobs are found by the import alone, whatever the planner knows of the tables: where that is nothing, it would read the jobs or the mail of all
// imports. It cannot tell from a CASE that the index on jobs that wait has them all, and does not look into what is MATERIALIZED.

// Waits for whoever is just deciding one of them, and then leaves it: its mail is there by now.
constexpr Statement kCancelJobs{
	R"(
	UPDATE vero.trigger_jobs
	SET state = 'cancelled', reason = 'import_undone', decided_at = $2
	WHERE import_id = $1 AND CASE WHEN message_id IS NULL THEN state = 'scheduled' ELSE false END)",
	{INT8OID, TIMESTAMPTZOID}};

// What somebody has in hand is passed over: it is just being sent, or cancelled when it is to be tried again (withheld_mail.cpp).
constexpr Statement kCancelMail{
	R"(
	WITH mailed AS MATERIALIZED (
		SELECT j.event_id, j.campaign_id
		FROM vero.trigger_jobs AS j
		WHERE j.import_id = $1 AND j.message_id IS NOT NULL),
	unsent AS MATERIALIZED (
		SELECT m.id, j.event_id, j.campaign_id
		FROM mailed AS f
		JOIN vero.trigger_jobs AS j ON j.event_id = f.event_id AND j.campaign_id = f.campaign_id
		JOIN vero.messages AS m ON m.event_id = f.event_id AND m.campaign_id = f.campaign_id
		WHERE j.message_id IS NOT NULL AND m.state = ANY ('{queued,stored,failed}'::text[])
		FOR UPDATE OF j, m SKIP LOCKED),
	cancelled AS (
		UPDATE vero.messages AS m
		SET state = 'cancelled', next_attempt_at = NULL,
			last_error = CASE WHEN m.state = 'failed' THEN concat('its import was undone; before, it failed: ', m.last_error)
				ELSE 'its import was undone' END
		FROM unsent AS u
		WHERE m.id = u.id)
	UPDATE vero.trigger_jobs AS j
	SET state = 'cancelled', reason = 'import_undone', error = NULL, message_id = NULL, decided_at = $2
	FROM unsent AS u
	WHERE j.event_id = u.event_id AND j.campaign_id = u.campaign_id)",
	{INT8OID, TIMESTAMPTZOID}};

constexpr Statement kMailThatStays{
	R"(
	WITH jobs AS MATERIALIZED (
		SELECT j.event_id, j.campaign_id
		FROM vero.trigger_jobs AS j
		WHERE j.import_id = $1)
	SELECT count(*) AS messages
	FROM jobs AS j
	JOIN vero.messages AS m ON m.event_id = j.event_id AND m.campaign_id = j.campaign_id
	WHERE m.state <> 'cancelled')",
	{INT8OID},
	{{"messages", INT8OID}}};

// Its records may be corrected once more.
constexpr Statement kReopen{
	R"(
	UPDATE vero.rejected_rows
	SET resolved_by = NULL
	WHERE import_id = (SELECT i.parent_import_id FROM vero.imports AS i WHERE i.id = $1) AND resolved_by = $1)",
	{INT8OID}};

constexpr Statement kNote{
	R"(
	UPDATE vero.imports
	SET state = 'undone', undone_at = $2, undone_by = $3
	WHERE id = $1)",
	{INT8OID, TIMESTAMPTZOID, NAMEOID}};

enum class Corrections : unsigned char { are_refused, are_undone };

/// An import that is to be undone, and is locked.
struct LockedImport {
	std::int64_t id;
	std::int64_t contacts_created;
};

struct UndoCounts {
	std::int64_t events = 0, jobs = 0, messages = 0, messages_kept = 0;
	ContactCounts contacts;
};

std::string name_of(std::int64_t import)
{
	return "import " + std::to_string(import);
}

[[noreturn]] void refuse_state(std::int64_t import, std::string const &state)
{
	throw Report{ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
				 name_of(import) + (state == "undone"	 ? " is undone already"
									: state == "running" ? " has not ended"
														 : " brought nothing that could be undone"),
				 state == "undone" || state == "running" ? "" : "Its state is \"" + state + "\".", ""};
}

/// Nothing where it is not to be undone, and is a correction.
std::optional<LockedImport> lock_import(Catalog const &catalog, std::int64_t import, bool is_correction)
{
	auto rows = call([&] { return run_as_owner<kLockImport>(catalog, {import}); });
	if (rows.count() == 0)
		throw Report{ERRCODE_NO_DATA_FOUND, name_of(import) + " does not exist", "", ""};
	std::string state = rows[0].string("state");
	if (state == "completed" || state == "completed_with_rejects")
		return LockedImport{import, call([&] { return rows[0].int8("contacts_created"); })};
	if (!is_correction)
		refuse_state(import, state);
	return std::nullopt; // it was undone while we waited
}

std::vector<std::int64_t> find_corrections(Catalog const &catalog, std::int64_t import)
{
	auto rows = call([&] { return run_as_owner<kCorrections>(catalog, {import}); });
	std::vector<std::int64_t> ids;
	for (std::size_t i = 0; i < rows.count(); i++)
		ids.push_back(call([&] { return rows[i].int8("id"); }));
	return ids;
}

[[noreturn]] void refuse_corrections(Catalog const &catalog, std::int64_t import,
									 std::vector<std::int64_t> const &corrections)
{
	constexpr std::size_t kNamed = 20;
	std::string names;
	for (std::size_t i = 0; i < std::min(corrections.size(), kNamed); i++)
		names += (i > 0 ? ", " : "") + std::to_string(corrections[i]);
	if (corrections.size() > kNamed)
		names += " and " + std::to_string(corrections.size() - kNamed) + " others";
	bool const is_allowed = std::all_of(corrections.begin(), corrections.end(),
										[&](std::int64_t id) { return may_change_import(catalog, id); });
	throw Report{ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST,
				 name_of(import) + " cannot be undone, as other imports have corrected it",
				 std::string(corrections.size() == 1 ? "It was corrected by import " : "It was corrected by imports ") +
					 names + ".",
				 std::string("Undo these first, or all together with cascade => true.") +
					 (is_allowed ? "" : " To undo those of other roles takes DELETE on vero.events.")};
}

/// The import, and behind each the corrections of it.
std::vector<LockedImport> lock_imports(Catalog const &catalog, std::int64_t import, Corrections corrections)
{
	std::vector<LockedImport> locked;
	std::vector<std::int64_t> ids{import};
	for (std::size_t i = 0; i < ids.size(); i++) {
		check_import_owner(catalog, ids[i], "undo");
		if (i == 0 && corrections == Corrections::are_undone)
			keep_from_backfills();
		std::optional<LockedImport> one = lock_import(catalog, ids[i], i > 0);
		if (!one)
			continue;
		locked.push_back(*one);
		std::vector<std::int64_t> more = find_corrections(catalog, ids[i]);
		if (!more.empty() && corrections == Corrections::are_refused)
			refuse_corrections(catalog, import, more);
		std::copy_if(more.begin(), more.end(), std::back_inserter(ids),
					 [&](std::int64_t id) { return std::find(ids.begin(), ids.end(), id) == ids.end(); });
	}
	return locked;
}

void undo_one(Catalog const &catalog, LockedImport const &import, UndoCounts &counts)
{
	auto removed = [](auto const &rows) { return static_cast<std::int64_t>(rows.count()); };
	TimestampTz now = GetCurrentTimestamp();
	call([&] {
		as_owner(catalog, [&] {
			use_indexes();
			counts.jobs += removed(run<kCancelJobs>({import.id, now}));
			std::int64_t messages = removed(run<kCancelMail>({import.id, now}));
			counts.messages += messages;
			counts.jobs += messages;
			counts.messages_kept += run<kMailThatStays>({import.id})[0].int8("messages");
		});
	});
	counts.events += remove_events(catalog, import.id);
	if (import.contacts_created > 0)
		remove_contacts(catalog, import.id, counts.contacts);
	call([&] {
		Datum user = current_user_name();
		as_owner(catalog, [&] {
			use_indexes();
			run<kReopen>({import.id});
			run<kNote>({import.id, now, user});
		});
	});
}

Datum undo_import(FunctionCallInfo fcinfo, std::int64_t import, Corrections corrections)
{
	if (IsolationUsesXactSnapshot()) {
		throw Report{ERRCODE_FEATURE_NOT_SUPPORTED, "imports can only be undone at isolation level READ COMMITTED", "",
					 "Run it in a transaction at READ COMMITTED."};
	}
	std::vector<LockedImport> imports;
	UndoCounts counts;
	{
		SpiConnection spi;
		Catalog catalog = find_catalog();
		call([&] { change_in_order(catalog); });
		imports = lock_imports(catalog, import, corrections);
		std::reverse(imports.begin(), imports.end());
		for (LockedImport const &one : imports)
			undo_one(catalog, one, counts);
	}
	return call([&] {
		Datum values[] = {int8_array(imports.size(), [&](std::size_t i) { return imports[i].id; }),
						  Int64GetDatum(counts.events),
						  Int64GetDatum(counts.contacts.removed),
						  Int64GetDatum(counts.jobs),
						  Int64GetDatum(counts.messages),
						  Int64GetDatum(counts.contacts.kept),
						  Int64GetDatum(counts.messages_kept)};
		bool nulls[std::size(values)] = {};
		constexpr std::array<Oid, std::size(values)> kTypes{INT8ARRAYOID, INT8OID, INT8OID, INT8OID,
															INT8OID,	  INT8OID, INT8OID};
		return result_row(fcinfo, kTypes, values, nulls);
	});
}

} // namespace
} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_undo_import)
{
	return enter([&] {
		require_argument(fcinfo, 0, "import");
		require_argument(fcinfo, 1, "cascade");
		return undo_import(fcinfo, PG_GETARG_INT64(0),
						   PG_GETARG_BOOL(1) ? Corrections::are_undone : Corrections::are_refused);
	});
}
