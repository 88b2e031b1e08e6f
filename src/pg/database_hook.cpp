// Keeps workers out of databases that are dropped, copied, renamed or moved: PostgreSQL does that only where nobody is connected.
#include "pg/database_hook.hpp"

#include "pg/postgres.hpp"
#include "pg/wakeup.hpp"
#include "pg/worker_slots.hpp"

extern "C" {
#include "access/xact.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "tcop/utility.h"
#include "utils/acl.h"
}

namespace vero::pg {
namespace {

ProcessUtility_hook_type next_hook;

/// The databases that this transaction holds: RENAME may stand several times in one, and is not helped beyond that. Only a statement
/// that cannot be in a transaction block drops one.
std::array<Oid, 8> held;
std::size_t held_count = 0;
bool is_dropping = false;

/// Only then do others see what became of the database.
void end_transaction(XactEvent event, void *)
{
	if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT)
		return;
	for (; held_count > 0; held_count--)
		release_database(held[held_count - 1], is_dropping && event == XACT_EVENT_COMMIT);
}

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

/// The name of the database that nobody may be connected to; null for other statements.
char const *database_of(Node *statement)
{
	switch (nodeTag(statement)) {
	case T_DropdbStmt:
		return reinterpret_cast<DropdbStmt *>(statement)->dbname;
	case T_CreatedbStmt:
		return template_of(reinterpret_cast<CreatedbStmt *>(statement));
	case T_RenameStmt: {
		auto *rename = reinterpret_cast<RenameStmt *>(statement);
		return rename->renameType == OBJECT_DATABASE ? rename->subname : nullptr;
	}
	case T_AlterDatabaseStmt: {
		auto *alter = reinterpret_cast<AlterDatabaseStmt *>(statement);
		return moves(alter) ? alter->dbname : nullptr;
	}
	default:
		return nullptr;
	}
}

/// Whoever may not do it does not stop a worker by trying.
void hold(char const *name, bool is_dropped)
{
	static bool is_registered = false;
	Oid database = get_database_oid(name, true);
	if (!OidIsValid(database) || held_count == held.size() ||
		!(have_createdb_privilege() || pg_database_ownercheck(database, GetUserId())))
		return;
	if (!is_registered)
		RegisterXactCallback(end_transaction, nullptr);
	is_registered = true;
	held[held_count++] = database;
	is_dropping = is_dropped;
	hold_database(database);
}

/// Others may see what was prepared from now on.
bool commits_prepared(Node *statement)
{
	return IsA(statement, TransactionStmt) &&
		   reinterpret_cast<TransactionStmt *>(statement)->kind == TRANS_STMT_COMMIT_PREPARED;
}

void process_utility(PlannedStmt *statement, char const *query, bool is_read_only_tree, ProcessUtilityContext context,
					 ParamListInfo parameters, QueryEnvironment *environment, DestReceiver *receiver,
					 QueryCompletion *completion)
{
	Node *tree = statement->utilityStmt;
	bool is_prepared = commits_prepared(tree);
	if (char const *name = database_of(tree))
		hold(name, IsA(tree, DropdbStmt));
	auto *next = next_hook != nullptr ? next_hook : standard_ProcessUtility;
	next(statement, query, is_read_only_tree, context, parameters, environment, receiver, completion);
	if (is_prepared)
		wake_worker();
}

} // namespace

void install_database_hook()
{
	next_hook = ProcessUtility_hook;
	ProcessUtility_hook = process_utility;
}

} // namespace vero::pg
