// Takes over COPY with FORMAT vero_csv, and nothing else.
#include "pg/entry/copy_hook.hpp"

#include "pg/base/boundary.hpp"
#include "pg/entry/copy_statement.hpp"
#include "pg/entry/import_arguments.hpp"
#include "pg/import/import.hpp"
#include "pg/import/rejected_rows.hpp"
#include "pg/sql/own_objects.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "tcop/cmdtag.h"
#include "utils/lsyscache.h"
}

namespace vero::pg {
namespace {

enum class Ours : unsigned char { no, copy_from, copy_to };

/// COPY vero.events FROM and COPY vero.rejected_rows TO, with our format. The same of tables of that name that are somebody else's is an ERROR
/// that says so. Jumped over by errors, so plain C.
Ours classify(Node *statement)
{
	if (!IsA(statement, CopyStmt))
		return Ours::no;
	auto *copy = reinterpret_cast<CopyStmt *>(statement);
	if (copy->relation == nullptr || !has_vero_format(copy))
		return Ours::no;
	Oid schema = get_namespace_oid("vero", true);
	Oid table = RangeVarGetRelid(copy->relation, NoLock, true);
	if (!OidIsValid(schema) || !OidIsValid(table) || get_rel_namespace(table) != schema)
		return Ours::no;
	char const *name = copy->is_from ? "events" : "rejected_rows";
	if (strcmp(get_rel_name(table), name) != 0)
		return Ours::no;
	require_own_table(table, name);
	return copy->is_from ? Ours::copy_from : Ours::copy_to;
}

std::unique_ptr<Source> open_source(CopyStmt const *copy, FileOptions const &options)
{
	if (copy->filename == nullptr) {
		bool is_archive = options.compression.value_or(Compression::none) != Compression::none;
		return std::make_unique<ClientSource>(is_archive ? ClientForm::binary : ClientForm::text);
	}
	if (copy->is_program)
		return std::make_unique<ProgramSource>(copy->filename);
	return std::make_unique<FileSource>(copy->filename);
}

/// COPY's command tag has room for one number only.
void tell_counts(ImportOutcome const &outcome)
{
	std::string id = std::to_string(outcome.import_id);
	std::string const words = describe_counts(outcome);
	char const *message = words.c_str(), *number = id.c_str();
	bool has_rejects = outcome.rows_rejected > 0;
	call([=] {
		ereport(NOTICE,
				(errmsg_internal("%s", message),
				 has_rejects
					 ? errhint("SELECT line_number, reason, raw_record FROM vero.rejected_rows WHERE import_id = %s;",
							   number)
					 : 0));
	});
}

std::uint64_t copy_from(CopyStmt const *copy, char const *query)
{
	check_import_allowed("COPY FROM");
	ImportOptions options = check_options(read_copy_from(copy, query));
	options.on_failure = OnFailure::raise;
	options.file.notation = Notation::copy;
	std::unique_ptr<Source> source = open_source(copy, options.file);
	ImportOutcome outcome = import_events(*source, options);
	if (outcome.rows_rejected > 0 || outcome.rows_duplicate > 0)
		tell_counts(outcome);
	return outcome.is_dry_run ? 0 : static_cast<std::uint64_t>(outcome.rows_imported);
}

std::uint64_t copy_to(CopyStmt const *copy, char const *query)
{
	std::int64_t import_id = read_copy_to(copy, query);
	if (copy->filename == nullptr)
		return export_rejects_to_client(import_id);
	return copy->is_program ? export_rejects_to_program(import_id, copy->filename)
							: export_rejects_to_file(import_id, copy->filename);
}

} // namespace

void take_over_copy(UtilityCall const &statement)
{
	Ours ours = classify(statement.tree());
	if (ours == Ours::no) {
		statement.pass_on();
		return;
	}
	auto *copy = reinterpret_cast<CopyStmt *>(statement.tree());
	std::uint64_t rows = enter(
		[&] { return ours == Ours::copy_from ? copy_from(copy, statement.query) : copy_to(copy, statement.query); });
	if (statement.completion != nullptr)
		SetQueryCompletion(statement.completion, CMDTAG_COPY, rows);
}

} // namespace vero::pg
