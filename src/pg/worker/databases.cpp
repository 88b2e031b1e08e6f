// The databases of the server: which there are, and how workers are kept out of those that are dropped, copied, renamed or moved.
#include "pg/worker/databases.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/compat.hpp"
#include "pg/slots/wakeup.hpp"
#include "pg/slots/worker_slots.hpp"

extern "C" {
#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_database.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/syscache.h"
}

namespace vero::pg {
namespace {

constexpr std::size_t kMaxHeld = 8;

/// The databases that this transaction holds: RENAME may stand several times in one, and is not helped beyond that. Only a statement
/// that cannot be in a transaction block drops one.
std::array<Oid, kMaxHeld> held;
std::size_t held_count = 0;
bool is_dropping = false;

char const *template_of(CreatedbStmt const *statement)
{
	ListCell *cell;
	foreach (cell, statement->options) {
		auto *option = static_cast<DefElem *>(lfirst(cell));
		if (strcmp(option->defname, "template") == 0 && option->arg != nullptr)
			return defGetString(option);
	}
	return "template1";
}

bool moves(AlterDatabaseStmt const *statement)
{
	ListCell *cell;
	foreach (cell, statement->options)
		if (strcmp(static_cast<DefElem *>(lfirst(cell))->defname, "tablespace") == 0)
			return true;
	return false;
}

/// What a statement wants of a database that nobody may be connected to.
enum class Wish : unsigned char { drop, copy, rename, move };

struct Wanted {
	char const *database; ///< null: the statement is another one
	Wish wish;
};

Wanted wanted_by(Node *statement)
{
	switch (nodeTag(statement)) {
	case T_DropdbStmt:
		return {reinterpret_cast<DropdbStmt *>(statement)->dbname, Wish::drop};
	case T_CreatedbStmt:
		return {template_of(reinterpret_cast<CreatedbStmt *>(statement)), Wish::copy};
	case T_RenameStmt: {
		auto *rename = reinterpret_cast<RenameStmt *>(statement);
		return {rename->renameType == OBJECT_DATABASE ? rename->subname : nullptr, Wish::rename};
	}
	case T_AlterDatabaseStmt: {
		auto *alter = reinterpret_cast<AlterDatabaseStmt *>(statement);
		return {moves(alter) ? alter->dbname : nullptr, Wish::move};
	}
	default:
		return {nullptr, Wish::drop};
	}
}

bool is_template_database(Oid database)
{
	HeapTuple tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(database));
	if (!HeapTupleIsValid(tuple))
		return false;
	bool is_template = reinterpret_cast<Form_pg_database>(GETSTRUCT(tuple))->datistemplate;
	ReleaseSysCache(tuple);
	return is_template;
}

/// CREATEDB. PostgreSQL's own have_createdb_privilege() is not there for others in every minor version of 15.
bool may_create_databases()
{
	if (superuser())
		return true;
	HeapTuple tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(GetUserId()));
	if (!HeapTupleIsValid(tuple))
		return false;
	bool may = reinterpret_cast<Form_pg_authid>(GETSTRUCT(tuple))->rolcreatedb;
	ReleaseSysCache(tuple);
	return may;
}

/// What dropdb(), createdb(), RenameDatabase() and movedb() of src/backend/commands/dbcommands.c demand of the user.
bool may(Wish wish, Oid database)
{
	bool is_owner = compat::is_database_owner(database, GetUserId());
	switch (wish) {
	case Wish::copy:
		return may_create_databases() && (is_owner || is_template_database(database));
	case Wish::rename:
		return may_create_databases() && is_owner;
	default:
		return is_owner;
	}
}

/// Whoever may not do it, or not here, does not stop a worker by trying.
void hold(Wanted const &wanted, bool is_top_level)
{
	Oid database = get_database_oid(wanted.database, true);
	bool is_possible = wanted.wish == Wish::copy || database != MyDatabaseId;
	if (!OidIsValid(database) || held_count == held.size() || !is_possible || !may(wanted.wish, database) ||
		(wanted.wish != Wish::rename && IsInTransactionBlock(is_top_level)))
		return;
	held[held_count++] = database;
	is_dropping = wanted.wish == Wish::drop;
	hold_database(database);
}

/// Others may see what was prepared from now on.
bool commits_prepared(Node *statement)
{
	return IsA(statement, TransactionStmt) &&
		   reinterpret_cast<TransactionStmt *>(statement)->kind == TRANS_STMT_COMMIT_PREPARED;
}

} // namespace

std::vector<Database> find_databases()
{
	Database *databases = nullptr;
	std::size_t count = 0;
	call([&] {
		MemoryContext caller = CurrentMemoryContext;
		StartTransactionCommand();
		Relation catalog = table_open(DatabaseRelationId, AccessShareLock);
		TableScanDesc scan = table_beginscan_catalog(catalog, 0, nullptr);
		while (HeapTuple tuple = heap_getnext(scan, ForwardScanDirection)) {
			auto *row = reinterpret_cast<Form_pg_database>(GETSTRUCT(tuple));
			std::size_t size = sizeof(Database) * (count + 1);
			databases = static_cast<Database *>(databases == nullptr ? MemoryContextAlloc(caller, size)
																	 : repalloc(databases, size));
			databases[count++] = {row->oid, row->datallowconn && !row->datistemplate};
		}
		table_endscan(scan);
		table_close(catalog, AccessShareLock);
		CommitTransactionCommand();
		MemoryContextSwitchTo(caller);
	});
	std::vector<Database> found(databases, databases + count);
	pfree(databases);
	return found;
}

void hold_databases(UtilityCall const &statement)
{
	bool is_prepared = commits_prepared(statement.tree());
	if (Wanted wanted = wanted_by(statement.tree()); wanted.database != nullptr && has_worker_slots())
		hold(wanted, statement.context == PROCESS_UTILITY_TOPLEVEL);
	statement.pass_on();
	if (is_prepared)
		wake_worker();
}

void release_databases(XactEvent event)
{
	if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT)
		return;
	for (; held_count > 0; held_count--)
		release_database(held[held_count - 1], is_dropping && event == XACT_EVENT_COMMIT);
}

} // namespace vero::pg
