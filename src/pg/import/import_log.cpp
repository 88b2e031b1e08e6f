// The import's own row in vero.imports.
#include "pg/import/import_log.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/jsonb_object.hpp"
#include "pg/base/random.hpp"
#include "pg/base/timestamp.hpp"
#include "pg/base/varlena.hpp"
#include "pg/import/confirm_import.hpp"
#include "pg/import/import_owner.hpp"

extern "C" {
#include "access/xact.h"
#include "catalog/pg_type_d.h"
#include "commands/dbcommands.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

constexpr char const *kStart = "INSERT INTO vero.imports (source, state, options, notify, imported_by, started_at,"
							   " parent_import_id, run_id, imported_by_oid, imported_in)"
							   " VALUES ($1, 'running', $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id";
constexpr std::array<Oid, 9> kStartTypes{TEXTOID, JSONBOID, TEXTARRAYOID, NAMEOID, TIMESTAMPTZOID,
										 INT8OID, UUIDOID,	OIDOID,		  INT8OID};

constexpr char const *kTellParent = "UPDATE vero.imports SET corrected_by = pg_catalog.array_append(corrected_by, $2) "
									"WHERE id OPERATOR(pg_catalog.=) $1";
constexpr std::array<Oid, 2> kTellParentTypes{INT8OID, INT8OID};

constexpr char const *kEnd =
	"UPDATE vero.imports SET state = $2, header = $3, dialect = $4, sha256 = $5, bytes = $6, rows_read = $7,"
	" rows_imported = $8, rows_rejected = $9, rows_duplicate = $10, contacts_created = $11, error = $12,"
	" jobs_scheduled = $13, jobs_discarded = $14,"
	" finished_at = pg_catalog.clock_timestamp() WHERE id OPERATOR(pg_catalog.=) $1";
constexpr std::array<Oid, 14> kEndTypes{INT8OID, TEXTOID, TEXTOID, JSONBOID, BYTEAOID, INT8OID, INT8OID,
										INT8OID, INT8OID, INT8OID, INT8OID,	 TEXTOID,  INT8OID, INT8OID};

Datum text_array(std::vector<std::string> const &texts)
{
	auto *elements = static_cast<Datum *>(palloc(sizeof(Datum) * texts.size()));
	for (std::size_t i = 0; i < texts.size(); i++)
		elements[i] = text_datum(texts[i]);
	return PointerGetDatum(construct_array(elements, static_cast<int>(texts.size()), TEXTOID, -1, false, TYPALIGN_INT));
}

Datum describe(OpenedFile const &opened, ImportOptions const &options)
{
	JsonbObject object;
	object.add("delimiter", std::string_view(&opened.dialect.delimiter, 1));
	object.add("quote", std::string_view(&opened.dialect.quote, 1));
	object.add("escape", std::string_view(&opened.dialect.escape, 1));
	object.add("null_string", opened.dialect.null_string);
	object.add("encoding", opened.encoding);
	constexpr std::array<std::string_view, 4> kMarks{"none", "UTF-8", "UTF-16LE", "UTF-16BE"};
	object.add("byte_order_mark", kMarks.at(static_cast<std::size_t>(opened.mark)));
	object.add("time_zone", options.zone_name);
	return object.finish();
}

JournalEntry describe(Source const &source, ImportOptions const &options, TimestampTz started_at)
{
	JournalEntry entry;
	entry.run_id = make_uuid();
	entry.notify = options.notify;
	entry.recipients = find_recipients(options.notify);
	entry.parent_import = options.parent_import;
	entry.imported_by_oid = GetUserId();
	entry.outcome.source = source.name();
	entry.outcome.triggers_campaigns = options.trigger_campaigns;
	entry.outcome.is_dry_run = options.is_dry_run;
	entry.outcome.started_at_us = to_unix_us(started_at);
	entry.outcome.options = options.needed_again;
	char const *given, *user, *database;
	call([&] {
		Jsonb *jsonb = DatumGetJsonbP(options.given);
		given = JsonbToCString(nullptr, &jsonb->root, VARSIZE(jsonb));
		user = GetUserNameFromId(GetUserId(), false);
		database = get_database_name(MyDatabaseId);
	});
	entry.options = given;
	entry.outcome.imported_by = user;
	entry.outcome.database = database;
	return entry;
}

} // namespace

JournalEntry log_start(Catalog const &catalog, Source const &source, ImportOptions const &options,
					   TimestampTz started_at)
{
	JournalEntry entry = describe(source, options, started_at);
	call([&] {
		NameData user;
		namestrcpy(&user, entry.outcome.imported_by.c_str());
		UserSwitch caller = UserSwitch::become(catalog.owner);
		Datum values[] = {text_datum(entry.outcome.source),
						  options.given,
						  text_array(options.notify),
						  NameGetDatum(&user),
						  TimestampTzGetDatum(started_at),
						  Int64GetDatum(options.parent_import.value_or(0)),
						  DirectFunctionCall1(uuid_in, CStringGetDatum(entry.run_id.c_str())),
						  ObjectIdGetDatum(static_cast<Oid>(entry.imported_by_oid)),
						  Int64GetDatum(this_cluster())};
		std::array<char, std::size(values)> nulls;
		nulls.fill(' ');
		nulls[2] = options.notify.empty() ? 'n' : ' ';
		nulls[5] = options.parent_import ? ' ' : 'n';
		execute_statement(prepare_statement(kStart, kStartTypes), values, nulls.data(), SPI_OK_INSERT_RETURNING);
		entry.outcome.import_id = int8_value(SPI_tuptable, 0, 1);
		caller.undo();
		entry.transaction_id = U64FromFullTransactionId(GetTopFullTransactionId());
	});
	return entry;
}

void log_end(Catalog const &catalog, ImportOutcome const &outcome, CsvInput &input, OpenedFile const *opened,
			 ImportOptions const &options)
{
	auto hash = input.hash();
	bool has_header = opened != nullptr && opened->header_text;
	std::string_view header = has_header ? std::string_view(*opened->header_text) : std::string_view();
	Datum dialect = opened != nullptr ? describe(*opened, options) : 0;
	bool tells_parent = options.parent_import && !options.is_dry_run && outcome.state != ImportState::failed;
	call([&] {
		UserSwitch caller = UserSwitch::become(catalog.owner);
		Datum values[] = {
			Int64GetDatum(outcome.import_id),
			text_datum(outcome.state_name()),
			text_datum(header),
			dialect,
			text_datum({reinterpret_cast<char const *>(hash.data()), hash.size()}), // bytea is stored alike
			Int64GetDatum(static_cast<std::int64_t>(input.bytes_read())),
			Int64GetDatum(outcome.rows_read),
			Int64GetDatum(outcome.rows_imported),
			Int64GetDatum(outcome.rows_rejected),
			Int64GetDatum(outcome.rows_duplicate),
			Int64GetDatum(outcome.contacts_created),
			text_datum(outcome.error),
			Int64GetDatum(outcome.jobs_scheduled),
			Int64GetDatum(outcome.jobs_discarded)};
		std::array<char, 14> nulls;
		nulls.fill(' ');
		nulls[2] = has_header ? ' ' : 'n';
		nulls[3] = opened != nullptr ? ' ' : 'n';
		nulls[11] = outcome.state == ImportState::failed ? ' ' : 'n';
		execute_statement(prepare_statement(kEnd, kEndTypes), values, nulls.data(), SPI_OK_UPDATE);
		Datum lineage[] = {Int64GetDatum(options.parent_import.value_or(0)), values[0]};
		if (tells_parent)
			execute_statement(prepare_statement(kTellParent, kTellParentTypes), lineage, nullptr, SPI_OK_UPDATE);
		caller.undo();
	});
}

} // namespace vero::pg
