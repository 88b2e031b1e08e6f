// Imports many files, each in a transaction of its own: vero.import_files().
#include "pg/base/arguments.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/subtransaction.hpp"
#include "pg/entry/import_arguments.hpp"
#include "pg/entry/reading_arguments.hpp"
#include "pg/import/import.hpp"
#include "pg/sql/procedure.hpp"

extern "C" {
#include "commands/trigger.h"
#include "executor/spi.h"
#include "nodes/parsenodes.h"
#include "tcop/pquery.h"
}

namespace vero::pg {
namespace {

constexpr char const *kName = "vero.import_files()";

/// What became of one file.
struct FileEnd {
	std::optional<std::int64_t> import_id; ///< none where it did not begin
	bool is_in_order = false;			   ///< imported, now or before
	std::string words;
};

/// False where the user, or who runs the server, wishes all to stop (SQLSTATE class 57).
bool is_for_one_file(ErrorData const *error)
{
	return ERRCODE_TO_CATEGORY(error->sqlerrcode) != MAKE_SQLSTATE('5', '7', '0', '0', '0');
}

/// Runs what nothing is to stay of where it fails, and gives the reason. Throws what is not for one file.
template <class Work> std::optional<std::string> try_for_file(Work &&work)
{
	try {
		return try_in_subtransaction(work, is_for_one_file);
	} catch (Report const &report) {
		return report.hint.empty() ? report.message : report.message + ". " + report.hint;
	} catch (std::exception const &thrown) {
		return words_of(thrown);
	}
}

/// What would be checked at the commit, whose errors nobody could take up and record. Jumped over by errors, so plain C.
void check_deferred_constraints()
{
	auto *all_immediate = makeNode(ConstraintsSetStmt);
	AfterTriggerSetState(all_immediate);
}

/// The next transaction has begun when it returns. Gives the reason where nothing was committed.
std::optional<std::string> commit()
{
	try {
		call([] { SPI_commit(); });
		return std::nullopt;
	} catch (Error const &error) {
		if (!is_for_one_file(error.data))
			throw;
		return error.data->message;
	}
}

FileEnd import_file(std::string const &file, ImportOptions const &options)
{
	std::optional<std::int64_t> const id_before = last_import_id();
	ImportOutcome outcome;
	call([] { EnsurePortalSnapshotExists(); });
	std::optional<std::string> failure = try_for_file([&] {
		check_import_allowed(kName);
		FileSource source(file);
		outcome = import_events(source, options);
		call(check_deferred_constraints);
	});
	if (std::optional<std::string> commit_failure = commit(); !failure)
		failure = std::move(commit_failure);
	std::string const quoted = "\"" + file + "\"";
	if (failure) {
		std::optional<std::int64_t> const id = last_import_id();
		return {id == id_before ? std::nullopt : id, false, quoted + " was not imported: " + *failure};
	}
	if (outcome.state == ImportState::failed) {
		return {outcome.import_id, outcome.is_repeat,
				quoted + ": import " + std::to_string(outcome.import_id) + " failed: " + outcome.error};
	}
	return {outcome.import_id, true, quoted + ": " + describe_counts(outcome)};
}

void tell(FileEnd const &end)
{
	char const *words = end.words.c_str();
	int level = end.is_in_order ? NOTICE : WARNING;
	call([=] { ereport(level, errmsg_internal("%s", words)); });
}

Datum commit_each(FunctionCallInfo fcinfo, char const *argument,
				  std::vector<std::string> (*files_argument)(FunctionCallInfo))
{
	require_no_transaction(
		fcinfo, kName, "It commits after each file, so that those stay that were imported before one that fails.",
		"Call it by itself: CALL vero.import_files(...). import_events_csv(...) imports files in one transaction.");
	require_argument(fcinfo, kSourceArgument, argument);
	check_import_allowed(kName);
	call([] { EnsurePortalSnapshotExists(); });
	ImportOptions const options = options_argument(fcinfo);
	std::vector<std::optional<std::int64_t>> ids;
	std::vector<std::string> const files = files_argument(fcinfo);
	connect_without_transaction();
	for (std::string const &file : files) {
		check_for_interrupts();
		FileEnd const end = import_file(file, options);
		tell(end);
		ids.push_back(end.import_id);
	}
	call([] { SPI_finish(); });
	return call([&] {
		constexpr std::array<Oid, 1> kTypes{INT8ARRAYOID};
		Datum values[] = {make_array(ids.size(), kInt8, [&](std::size_t i) -> std::optional<Datum> {
			return ids[i] ? std::optional(Int64GetDatum(*ids[i])) : std::nullopt;
		})};
		bool nulls[] = {false};
		return result_row(fcinfo, kTypes, values, nulls);
	});
}

} // namespace
} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_import_files_of_path)
{
	return enter([&] { return commit_each(fcinfo, "path", path_argument); });
}

VERO_FUNCTION(vero_import_files_of_paths)
{
	return enter([&] { return commit_each(fcinfo, "paths", paths_argument); });
}
