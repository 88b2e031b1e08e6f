// Records the imports that an error, a lost connection or a crash has taken away, with their confirmations.
#include "pg/lost/lost_imports.hpp"

#include "core/report/import_journal.hpp"
#include "core/text/text.hpp"
#include "pg/base/subtransaction.hpp"
#include "pg/base/timestamp.hpp"
#include "pg/import/confirm_import.hpp"
#include "pg/journal/journal_file.hpp"
#include "pg/lost/lost_import_row.hpp"
#include "pg/sql/statement.hpp"

#include <list>

extern "C" {
#include "tcop/utility.h"
#include "utils/fmgrprotos.h"
#include "utils/syscache.h"
}

namespace vero::pg {
namespace {

// Runs as the caller.
constexpr Statement kIsPrepared{
	R"(
	SELECT
	FROM pg_catalog.pg_prepared_xact() AS p
	WHERE p.transaction OPERATOR(pg_catalog.=) $1)",
	{XIDOID}};

constexpr std::string_view kNoWords = "the server process that ran it ended unexpectedly; the server's log may say why";

/// A file whose imports are recorded in this transaction: it goes when that is safe.
struct TakenFile {
	JournalFile file;
	SubTransactionId subtransaction;
	bool is_to_be_set_aside = false;
};

std::list<TakenFile> &taken()
{
	static std::list<TakenFile> list;
	return list;
}

/// Its transaction is prepared, and so it will tell its end itself: only a crash in PREPARE TRANSACTION leaves that behind. (Others
/// are over, as their process is; their number may be another's by now.)
bool is_prepared(JournalEntry const &entry)
{
	if (entry.state == JournalState::withdrawn)
		return false;
	auto xid = static_cast<TransactionId>(entry.transaction_id);
	return call([xid] { return run<kIsPrepared>({TransactionIdGetDatum(xid)}).count() > 0; });
}

/// How many of them there were to be recorded.
std::int64_t record_entries(Catalog const &catalog, std::vector<JournalEntry> &entries)
{
	std::int64_t recorded = 0;
	for (JournalEntry &entry : entries) {
		if (entry.state == JournalState::withdrawn)
			continue;
		if (entry.state == JournalState::running)
			entry.outcome.error = kNoWords;
		if (!record_lost_row(catalog, entry))
			continue;
		confirm_lost_import(catalog, entry);
		recorded++;
	}
	return recorded;
}

void warn(JournalFileName const &name, std::string const &why)
{
	char const *path = name.path.c_str(), *words = why.c_str();
	call([=] {
		ereport(WARNING, (errmsg("the failed imports in file \"%s\" cannot be recorded: %s", path, words),
						  errdetail("The file is set aside as \"%s.damaged\".", path)));
	});
}

std::int64_t record_file(Catalog const &catalog, JournalFileName const &name)
{
	std::optional<JournalFile> file = take_journal_file(name);
	if (!file)
		return 0;
	taken().push_front({*file, GetCurrentSubTransactionId()});
	TakenFile &own = taken().front();
	Journal journal = read_journal(read_journal_file(*file));
	if (std::any_of(journal.entries.begin(), journal.entries.end(), is_prepared)) {
		leave_journal_file(own.file);
		taken().pop_front();
		return 0;
	}
	char const *path = name.path.c_str();
	if (!journal.is_whole) {
		call([path] {
			ereport(LOG, (errmsg("file \"%s\" ends in the middle of an entry: the rest of it is skipped", path)));
		});
	}
	std::int64_t recorded = 0;
	std::optional<std::string> error =
		try_in_subtransaction([&] { recorded = record_entries(catalog, journal.entries); });
	if (!error)
		return recorded;
	own.is_to_be_set_aside = true;
	warn(name, *error);
	return 0;
}

void require_read_committed()
{
	call([] { PreventCommandIfReadOnly("vero.record_failed_imports()"); });
	if (IsolationUsesXactSnapshot()) {
		throw Report{ERRCODE_FEATURE_NOT_SUPPORTED,
					 "failed imports can only be recorded at isolation level READ COMMITTED", "", ""};
	}
}

bool is_gone(Oid database)
{
	return call([database] { return !SearchSysCacheExists1(DATABASEOID, ObjectIdGetDatum(database)); });
}

void drop_file(JournalFileName const &name)
{
	if (std::optional<JournalFile> file = take_journal_file(name))
		remove_journal_file(*file);
}

} // namespace

void end_lost_imports(XactEvent event)
{
	if (event == XACT_EVENT_PRE_PREPARE && !taken().empty()) {
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("cannot PREPARE a transaction that has recorded failed imports")));
	}
	if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT)
		return;
	for (TakenFile &one : taken()) {
		if (event == XACT_EVENT_ABORT) {
			leave_journal_file(one.file);
		} else if (one.is_to_be_set_aside) {
			set_journal_file_aside(one.file);
		} else {
			remove_journal_file(one.file);
		}
	}
	taken().clear();
}

void end_lost_imports_part(SubXactEvent event, SubTransactionId own, SubTransactionId parent)
{
	if (event != SUBXACT_EVENT_COMMIT_SUB && event != SUBXACT_EVENT_ABORT_SUB)
		return;
	for (auto one = taken().begin(); one != taken().end();) {
		bool is_undone = one->subtransaction == own && event == SUBXACT_EVENT_ABORT_SUB;
		if (one->subtransaction == own)
			one->subtransaction = parent;
		if (is_undone)
			leave_journal_file(one->file);
		one = is_undone ? taken().erase(one) : std::next(one);
	}
}

std::int64_t record_lost_imports()
{
	require_read_committed();
	SpiConnection spi;
	Catalog catalog = find_catalog();
	std::int64_t recorded = 0;
	for (JournalFileName const &name : find_journal_files()) {
		check_for_interrupts();
		if (name.database == MyDatabaseId) {
			recorded += record_file(catalog, name);
		} else if (is_gone(name.database)) {
			drop_file(name);
		}
	}
	return recorded;
}

std::vector<JournalFileName> lost_import_files()
{
	std::vector<JournalFileName> files = find_journal_files();
	std::erase_if(files,
				  [](JournalFileName const &name) { return name.database != MyDatabaseId || !is_left_behind(name); });
	return files;
}

std::int64_t record_lost_file(JournalFileName const &name)
{
	require_read_committed();
	SpiConnection spi;
	return record_file(find_catalog(), name);
}

void set_lost_file_aside(JournalFileName const &name, std::string const &why)
{
	std::optional<JournalFile> file = take_journal_file(name);
	if (!file)
		return;
	set_journal_file_aside(*file);
	warn(name, why);
}

std::vector<Oid> databases_with_lost_imports()
{
	std::vector<Oid> databases;
	for (JournalFileName const &name : find_journal_files()) {
		if (std::find(databases.begin(), databases.end(), name.database) == databases.end() && is_left_behind(name))
			databases.push_back(name.database);
	}
	return databases;
}

void forget_lost_imports(Oid database)
{
	for (JournalFileName const &name : find_journal_files()) {
		if (name.database == database)
			drop_file(name);
	}
}

} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_record_failed_imports)
{
	(void)fcinfo;
	return enter([] { return Int64GetDatum(record_lost_imports()); });
}

VERO_FUNCTION(vero_damaged_journals)
{
	(void)fcinfo;
	return enter([] { return Int64GetDatum(count_files_set_aside(MyDatabaseId)); });
}
