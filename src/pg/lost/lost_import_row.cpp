// The row in vero.imports of an import that was lost, under the number under which it ran.
#include "pg/lost/lost_import_row.hpp"

#include "core/text/text.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/compat.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/random.hpp"
#include "pg/base/timestamp.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "catalog/dependency.h"
#include "commands/sequence.h"
#include "utils/lsyscache.h"
}

namespace vero::pg {
namespace {

constexpr Statement kIsRecorded{
	R"(
	SELECT
	FROM vero.imports AS i
	WHERE i.run_id = $1)",
	{UUIDOID}};

constexpr Statement kIsTaken{
	R"(
	SELECT
	FROM vero.imports AS i
	WHERE i.id = $1)",
	{INT8OID}};

constexpr Statement kLastNumber{
	R"(
	SELECT pg_sequence_last_value($1) AS number)",
	{REGCLASSOID},
	{{"number", INT8OID}}};

constexpr Statement kRecord{
	R"(
	INSERT INTO vero.imports (id, source, state, options, error, notify, parent_import_id, imported_by, started_at, finished_at, run_id,
		rows_read, rows_imported, rows_rejected, imported_by_oid, imported_in, dialect)
	OVERRIDING SYSTEM VALUE
	VALUES ($1, $2, 'failed', $3::jsonb, $4, $5, (SELECT i.id FROM vero.imports AS i WHERE i.id = $6), $7, $8, $9, $10,
		$11, $12, $13, $14, $15, jsonb_build_object('time_zone', $16))
	ON CONFLICT DO NOTHING)",
	{INT8OID, TEXTOID, TEXTOID, TEXTOID, TEXTARRAYOID, INT8OID, NAMEOID, TIMESTAMPTZOID, TIMESTAMPTZOID, UUIDOID,
	 INT8OID, INT8OID, INT8OID, OIDOID, INT8OID, TEXTOID}};

/// Numbers are passed over up to one that a crash has taken back; one that is further off is none of this sequence's.
constexpr std::int64_t kMaxSkipped = 1000;

// All of these are called in call(), as the owner.

/// Sees to it that the number will not be given again; false where it cannot be had.
bool reserve(Oid sequence, std::int64_t number)
{
	std::int64_t last = run<kLastNumber>({ObjectIdGetDatum(sequence)})[0].optional_int8("number").value_or(0);
	if (last < number && number - last > kMaxSkipped)
		return false;
	while (last < number) {
		std::int64_t next = nextval_internal(sequence, false);
		if (next <= last || next > number)
			return false; // it descends, or somebody was given the number in this moment
		last = next;
	}
	return true;
}

bool insert(JournalEntry const &entry, std::int64_t number, std::string_view error)
{
	ImportOutcome const &outcome = entry.outcome;
	NameData user;
	namestrcpy(&user, outcome.imported_by.c_str());
	std::optional<Datum> notify;
	if (!entry.notify.empty())
		notify = text_array(entry.notify.size(), [&](std::size_t i) { return std::string_view(entry.notify[i]); });
	std::optional<TimestampTz> finished_at;
	if (outcome.finished_at_us != 0)
		finished_at = to_timestamptz(outcome.finished_at_us);
	return run<kRecord>({number, outcome.source, entry.options, error, notify, entry.parent_import, NameGetDatum(&user),
						 to_timestamptz(outcome.started_at_us), finished_at, uuid_datum(entry.run_id),
						 outcome.rows_read, outcome.rows_read - outcome.rows_rejected, outcome.rows_rejected,
						 ObjectIdGetDatum(static_cast<Oid>(entry.imported_by_oid)), this_cluster(), entry.time_zone})
			   .count() > 0;
}

/// Under its own number; false where it is not its own any more.
bool record_as_it_ran(JournalEntry const &entry, Oid sequence, std::string_view error)
{
	std::int64_t number = entry.outcome.import_id;
	return run<kIsTaken>({number}).count() == 0 && reserve(sequence, number) && insert(entry, number, error);
}

} // namespace

bool record_lost_row(Catalog const &catalog, JournalEntry &entry)
{
	std::int64_t number = entry.outcome.import_id;
	std::string error = to_printable(entry.outcome.error);
	std::string renumbered =
		error + " (it was import " + std::to_string(number) + ", a number that was given again after a crash)";
	std::int64_t recorded = call([&] {
		return as_owner(catalog, [&]() -> std::int64_t {
			if (run<kIsRecorded>({uuid_datum(entry.run_id)}).count() > 0)
				return 0;
			Oid sequence = compat::identity_sequence(catalog.imports, get_attnum(catalog.imports, "id"));
			if (record_as_it_ran(entry, sequence, error))
				return number;
			std::int64_t given = nextval_internal(sequence, false);
			return insert(entry, given, renumbered) ? given : 0;
		});
	});
	if (recorded == 0)
		return false;
	entry.outcome.error = recorded == number ? error : renumbered;
	entry.outcome.import_id = recorded;
	return true;
}

} // namespace vero::pg
