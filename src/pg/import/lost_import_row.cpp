// The row in vero.imports of an import that was lost, under the number under which it ran.
#include "pg/import/lost_import_row.hpp"

#include "core/text/text.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/spi.hpp"
#include "pg/base/sql_array.hpp"
#include "pg/base/timestamp.hpp"
#include "pg/import/import_owner.hpp"

extern "C" {
#include "catalog/dependency.h"
#include "commands/sequence.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
}

namespace vero::pg {
namespace {

constexpr char const *kIsRecorded = "SELECT FROM vero.imports AS i WHERE i.run_id OPERATOR(pg_catalog.=) $1";
constexpr std::array<Oid, 1> kIsRecordedTypes{UUIDOID};

constexpr char const *kIsTaken = "SELECT FROM vero.imports AS i WHERE i.id OPERATOR(pg_catalog.=) $1";
constexpr std::array<Oid, 1> kIsTakenTypes{INT8OID};

constexpr char const *kLastNumber = "SELECT pg_catalog.pg_sequence_last_value($1)";
constexpr std::array<Oid, 1> kLastNumberTypes{REGCLASSOID};

constexpr char const *kRecord =
	"INSERT INTO vero.imports (id, source, state, options, error, notify, parent_import_id, imported_by, started_at,"
	" finished_at, run_id, rows_read, rows_imported, rows_rejected, imported_by_oid, imported_in)"
	" OVERRIDING SYSTEM VALUE VALUES ($1, $2, 'failed', $3::pg_catalog.jsonb, $4, $5,"
	" (SELECT i.id FROM vero.imports AS i WHERE i.id OPERATOR(pg_catalog.=) $6), $7, $8, $9, $10, $11, $12, $13, $14, "
	"$15)"
	" ON CONFLICT DO NOTHING";
constexpr std::array<Oid, 15> kRecordTypes{INT8OID, TEXTOID, TEXTOID,		 TEXTOID,		 TEXTARRAYOID,
										   INT8OID, NAMEOID, TIMESTAMPTZOID, TIMESTAMPTZOID, UUIDOID,
										   INT8OID, INT8OID, INT8OID,		 OIDOID,		 INT8OID};

/// Numbers are passed over up to one that a crash has taken back; one that is further off is none of this sequence's.
constexpr std::int64_t kMaxSkipped = 1000;

// All of these are called in call(), as the owner.

bool finds(char const *sql, std::span<Oid const> types, Datum value)
{
	execute_statement(prepare_statement(sql, types), &value, nullptr, SPI_OK_SELECT);
	return SPI_processed > 0;
}

/// Sees to it that the number will not be given again; false where it cannot be had.
bool reserve(Oid sequence, std::int64_t number)
{
	Datum value = ObjectIdGetDatum(sequence);
	execute_statement(prepare_statement(kLastNumber, kLastNumberTypes), &value, nullptr, SPI_OK_SELECT);
	std::int64_t last = optional_int8_value(SPI_tuptable, 0, 1).value_or(0);
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
	Datum values[] = {Int64GetDatum(number),
					  text_datum(outcome.source),
					  text_datum(entry.options),
					  text_datum(error),
					  text_array(entry.notify.size(), [&](std::size_t i) { return std::string_view(entry.notify[i]); }),
					  Int64GetDatum(entry.parent_import.value_or(0)),
					  NameGetDatum(&user),
					  TimestampTzGetDatum(to_timestamptz(outcome.started_at_us)),
					  TimestampTzGetDatum(to_timestamptz(outcome.finished_at_us)),
					  DirectFunctionCall1(uuid_in, CStringGetDatum(entry.run_id.c_str())),
					  Int64GetDatum(outcome.rows_read),
					  Int64GetDatum(outcome.rows_read - outcome.rows_rejected),
					  Int64GetDatum(outcome.rows_rejected),
					  ObjectIdGetDatum(static_cast<Oid>(entry.imported_by_oid)),
					  Int64GetDatum(this_cluster())};
	std::array<char, std::size(values)> nulls;
	nulls.fill(' ');
	nulls[4] = entry.notify.empty() ? 'n' : ' ';
	nulls[8] = outcome.finished_at_us == 0 ? 'n' : ' ';
	execute_statement(prepare_statement(kRecord, kRecordTypes), values, nulls.data(), SPI_OK_INSERT);
	return SPI_processed > 0;
}

/// Under its own number; false where it is not its own any more.
bool record_as_it_ran(JournalEntry const &entry, Oid sequence, std::string_view error)
{
	std::int64_t number = entry.outcome.import_id;
	return !finds(kIsTaken, kIsTakenTypes, Int64GetDatum(number)) && reserve(sequence, number) &&
		   insert(entry, number, error);
}

} // namespace

bool record_lost_row(Catalog const &catalog, JournalEntry &entry)
{
	std::int64_t number = entry.outcome.import_id;
	std::string error = to_printable(entry.outcome.error);
	std::string renumbered =
		error + " (it was import " + std::to_string(number) + ", a number that was given again after a crash)";
	std::int64_t recorded = call([&]() -> std::int64_t {
		UserSwitch caller = UserSwitch::become(catalog.owner);
		Datum run_id = DirectFunctionCall1(uuid_in, CStringGetDatum(entry.run_id.c_str()));
		Oid sequence = getIdentitySequence(catalog.imports, get_attnum(catalog.imports, "id"), false);
		std::int64_t given = 0;
		if (!finds(kIsRecorded, kIsRecordedTypes, run_id)) {
			given = number;
			if (!record_as_it_ran(entry, sequence, error)) {
				given = nextval_internal(sequence, false);
				given = insert(entry, given, renumbered) ? given : 0;
			}
		}
		caller.undo();
		return given;
	});
	if (recorded == 0)
		return false;
	entry.outcome.error = recorded == number ? error : renumbered;
	entry.outcome.import_id = recorded;
	return true;
}

} // namespace vero::pg
