// The import's own row in vero.imports.
#include "pg/import/import_log.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/jsonb_object.hpp"
#include "pg/base/random.hpp"
#include "pg/base/timestamp.hpp"
#include "pg/bulk/plain_row.hpp"
#include "pg/campaigns/job_scheduler.hpp"
#include "pg/contacts/contact_creator.hpp"
#include "pg/import/confirm_import.hpp"
#include "pg/import/event_writer.hpp"
#include "pg/import/forecast_json.hpp"
#include "pg/import/import_wait.hpp"
#include "pg/import/reading_json.hpp"
#include "pg/import/rejected_rows.hpp"
#include "pg/sql/statement.hpp"

#include <tuple>

extern "C" {
#include "access/xact.h"
#include "catalog/pg_type_d.h"
#include "commands/dbcommands.h"
#include "commands/sequence.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

constexpr Statement kStart{
	R"(
	INSERT INTO vero.imports (source, state, options, notify, imported_by, started_at, parent_import_id, run_id, imported_by_oid,
		imported_in)
	VALUES ($1, 'running', $2, $3, $4, $5, $6, $7, $8, $9)
	RETURNING id)",
	{TEXTOID, JSONBOID, TEXTARRAYOID, NAMEOID, TIMESTAMPTZOID, INT8OID, UUIDOID, OIDOID, INT8OID},
	{{"id", INT8OID}}};

constexpr Statement kTellParent{
	R"(
	UPDATE vero.imports
	SET corrected_by = array_append(corrected_by, $2)
	WHERE id = $1)",
	{INT8OID, INT8OID}};

// A file that has as many records as its parent has open rejects, but for those whose records were not kept, is these, corrected: in whatever order, each was imported, or is a reject of
// this import. Of one that has more or fewer nobody could say which they are.
constexpr Statement kResolveAll{
	R"(
	UPDATE vero.rejected_rows
	SET resolved_by = $2
	WHERE import_id = $1 AND resolved_by IS NULL AND (raw_record <> '') IS NOT FALSE
		AND (SELECT i.state FROM vero.imports AS i WHERE i.id = $1) = ANY ('{completed,completed_with_rejects}'::text[])
		AND $3 = (SELECT count(*) FROM vero.rejected_rows AS r WHERE r.import_id = $1 AND r.resolved_by IS NULL
			AND (r.raw_record <> '') IS NOT FALSE))",
	{INT8OID, INT8OID, INT8OID}};

constexpr Statement kEnd{
	R"(
	UPDATE vero.imports
	SET state = $2, header = $3, dialect = $4, sha256 = $5, bytes = $6, rows_read = $7, rows_imported = $8, rows_rejected = $9,
		rows_duplicate = $10, contacts_created = $11, error = $12, jobs_scheduled = $13, jobs_discarded = $14, uncompressed_bytes = $15,
		reading = $16, content_sha256 = $17, forecast = $18, finished_at = clock_timestamp()
	WHERE id = $1)",
	{INT8OID, TEXTOID, TEXTOID, JSONBOID, BYTEAOID, INT8OID, INT8OID, INT8OID, INT8OID, INT8OID, INT8OID, TEXTOID,
	 INT8OID, INT8OID, INT8OID, JSONBOID, BYTEAOID, JSONBOID}};

/// Nothing where there are none. To be called in call().
std::optional<Datum> texts_if_any(std::vector<std::string> const &texts)
{
	if (texts.empty())
		return std::nullopt;
	return text_array(texts.size(), [&](std::size_t i) { return std::string_view(texts[i]); });
}

/// Only the zone of a file that could not be opened.
Datum describe(OpenedFile const *opened, ImportOptions const &options)
{
	JsonbObject object;
	if (opened != nullptr) {
		object.add("delimiter", std::string_view(&opened->dialect.delimiter, 1));
		object.add("quote", std::string_view(&opened->dialect.quote, 1));
		object.add("escape", std::string_view(&opened->dialect.escape, 1));
		object.add("null_string", opened->dialect.null_string);
		object.add("encoding", opened->encoding);
		constexpr std::array<std::string_view, 4> kMarks{"none", "UTF-8", "UTF-16LE", "UTF-16BE"};
		object.add("byte_order_mark", kMarks.at(static_cast<std::size_t>(opened->mark)));
		object.add("compression", name_of(opened->compression));
	}
	object.add("time_zone", options.zone_name);
	return object.finish();
}

std::string_view as_bytes(Sha256Digest const &digest)
{
	return {reinterpret_cast<char const *>(digest.data()), digest.size()};
}

JournalEntry describe(Source const &source, ImportOptions const &options, TimestampTz started_at)
{
	JournalEntry entry;
	entry.run_id = make_uuid();
	entry.notify = options.notify;
	entry.recipients = find_recipients(options.notify);
	entry.parent_import = options.parent_import;
	entry.imported_by_oid = GetUserId();
	entry.time_zone = options.zone_name;
	entry.outcome.source = options.label && !source.has_own_name() ? *options.label : source.name();
	entry.outcome.triggers_campaigns = options.trigger_campaigns;
	entry.outcome.is_dry_run = options.is_dry_run;
	entry.outcome.retried_import = options.is_retry ? options.parent_import.value_or(0) : 0;
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

constexpr std::array<char const *, 28> kGivenOfImport{"id",
													  "state",
													  "header",
													  "dialect",
													  "sha256",
													  "bytes",
													  "rows_read",
													  "rows_imported",
													  "rows_rejected",
													  "rows_duplicate",
													  "contacts_created",
													  "error",
													  "jobs_scheduled",
													  "jobs_discarded",
													  "uncompressed_bytes",
													  "reading",
													  "content_sha256",
													  "forecast",
													  "source",
													  "options",
													  "notify",
													  "imported_by",
													  "started_at",
													  "parent_import_id",
													  "run_id",
													  "imported_by_oid",
													  "imported_in",
													  "finished_at"};
constexpr std::array<char const *, 2> kDefaultedOfImport{"corrected_by", "events_dropped"};
constinit RowForm const kImportForm{kOwnImports, kGivenOfImport, kDefaultedOfImport, true};

constinit Remembered<Oid> import_sequences;

// These are to be called in call().

/// InvalidOid where ids cannot be taken before the row is written.
Oid find_sequence(Catalog const &catalog)
{
	return import_sequences.of(catalog.imports, [&] { return own_id_sequence(catalog.imports, Ids::given); });
}

/// True where nobody can see the row before the import's end.
bool can_wait(Catalog const &catalog, ImportOptions const &options)
{
	return !options.parent_import && takes_plain_rows(kImportForm, catalog.imports, catalog.owner) &&
		   ContactCreator::serves(catalog) && EventWriter::runs_no_statement(catalog) &&
		   RejectWriter::runs_no_statement(catalog) &&
		   (!options.trigger_campaigns || JobRegistrar::runs_no_statement(catalog));
}

/// What the row has of the import before it ends.
Parameters<kStart> begin_row(ImportOptions const &options, JournalEntry const &begun, TimestampTz started_at)
{
	auto *user = static_cast<NameData *>(palloc0(sizeof(NameData)));
	namestrcpy(user, begun.outcome.imported_by.c_str());
	return {begun.outcome.source,
			options.given,
			texts_if_any(options.notify),
			NameGetDatum(user),
			started_at,
			options.parent_import,
			uuid_datum(begun.run_id),
			ObjectIdGetDatum(static_cast<Oid>(begun.imported_by_oid)),
			this_cluster()};
}

/// In state running. Its id.
std::int64_t open_row(Catalog const &catalog, ImportOptions const &options, JournalEntry const &begun,
					  TimestampTz started_at)
{
	auto rows = run_kept_as_owner<kStart, Planned::once>(catalog, begin_row(options, begun, started_at));
	return rows[0].int8("id");
}

/// All of it, where it is not yet there.
void insert_row(Catalog const &catalog, ImportOptions const &options, JournalEntry const &begun, TimestampTz started_at,
				Parameters<kEnd> const &end)
{
	Parameters<kStart> start = begin_row(options, begun, started_at);
	std::array<Parameter, kGivenOfImport.size() + kDefaultedOfImport.size()> values = std::apply(
		[&](auto const &...of_end) {
			return std::apply(
				[&](auto const &...of_start) {
					return std::array<Parameter, kGivenOfImport.size() + kDefaultedOfImport.size()>{
						of_end..., of_start..., GetCurrentTimestamp(), PointerGetDatum(construct_empty_array(INT8OID)),
						Int64GetDatum(0)};
				},
				start);
		},
		end);
	if (!insert_plain_row(kImportForm, catalog.imports, catalog.owner, values))
		elog(ERROR, "vero.imports was changed while an import ran");
}

} // namespace

ImportLog::ImportLog(Catalog const &catalog, Source const &source, ImportOptions const &options, TimestampTz started_at)
	: catalog_(catalog), options_(options), started_at_(started_at), begun_(describe(source, options, started_at))
{
	call([this] {
		Oid sequence = can_wait(catalog_, options_) ? find_sequence(catalog_) : InvalidOid;
		is_open_ = !OidIsValid(sequence);
		begun_.outcome.import_id =
			is_open_ ? open_row(catalog_, options_, begun_, started_at_) : nextval_internal(sequence, false);
		begun_.transaction_id = U64FromFullTransactionId(GetTopFullTransactionId());
	});
}

void ImportLog::end(ImportOutcome const &outcome, CsvInput &input, OpenedFile const *opened) const
{
	Sha256Digest const hash = input.hash();
	std::optional<Sha256Digest> const content_hash = input.content_hash();
	auto error = outcome.state == ImportState::failed ? std::optional(outcome.error) : std::nullopt;
	auto header = opened != nullptr ? opened->header_text : std::nullopt;
	Datum dialect = describe(opened, options_);
	auto reading = outcome.reading ? std::optional(to_jsonb(*outcome.reading)) : std::nullopt;
	auto forecast =
		outcome.is_dry_run && outcome.triggers_campaigns ? std::optional(to_jsonb(outcome.campaigns)) : std::nullopt;
	std::optional<std::int64_t> uncompressed = input.uncompressed_bytes();
	bool tells_parent = options_.parent_import && !options_.is_dry_run && outcome.state != ImportState::failed;
	WaitReason const reason("the import that it corrects, which is");
	call([&] {
		Parameters<kEnd> values{outcome.import_id,
								outcome.state_name(),
								header,
								dialect,
								as_bytes(hash),
								static_cast<std::int64_t>(input.bytes_read()),
								outcome.rows_read,
								outcome.rows_imported,
								outcome.rows_rejected,
								outcome.rows_duplicate,
								outcome.contacts_created,
								error,
								outcome.jobs_scheduled,
								outcome.jobs_discarded,
								uncompressed,
								reading,
								content_hash ? std::optional(as_bytes(*content_hash)) : std::nullopt,
								forecast};
		if (!is_open_) {
			insert_row(catalog_, options_, begun_, started_at_, values);
			return;
		}
		as_owner(catalog_, [&] {
			run_kept<kEnd>(values);
			if (tells_parent) {
				run<kTellParent>({options_.parent_import, outcome.import_id});
				if (!options_.is_retry)
					run<kResolveAll>({options_.parent_import, outcome.import_id, outcome.rows_read});
			}
		});
	});
}

} // namespace vero::pg
