// The extension's own tables and who owns them.
#include "pg/catalog.hpp"

#include "pg/boundary.hpp"

extern "C" {
#include "access/table.h"
#include "catalog/namespace.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

namespace vero::pg {
namespace {

// pg_temp last: where it is not named, a temporary table comes before all others
constexpr char const *kSafePath = "pg_catalog, pg_temp";

Oid find_table(Oid schema, char const *name)
{
	Oid table = get_relname_relid(name, schema);
	if (!OidIsValid(table))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("relation \"vero.%s\" does not exist", name),
						errhint("Is the extension installed in this database? CREATE EXTENSION vero_events.")));
	return table;
}

} // namespace

Catalog find_catalog()
{
	return call([] {
		Oid schema = get_namespace_oid("vero", false);
		Catalog catalog;
		catalog.contacts = find_table(schema, "contacts");
		catalog.events = find_table(schema, "events");
		catalog.imports = find_table(schema, "imports");
		catalog.rejected_rows = find_table(schema, "rejected_rows");
		catalog.trigger_jobs = find_table(schema, "trigger_jobs");
		catalog.messages = find_table(schema, "messages");
		Relation imports = table_open(catalog.imports, AccessShareLock);
		catalog.owner = imports->rd_rel->relowner;
		table_close(imports, NoLock);
		return catalog;
	});
}

UserSwitch UserSwitch::become(Oid role)
{
	UserSwitch before;
	GetUserIdAndSecContext(&before.user, &before.security_context);
	before.settings_level = NewGUCNestLevel();
	SetUserIdAndSecContext(role,
						   before.security_context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
	if (strcmp(namespace_search_path, kSafePath) != 0)
		(void)set_config_option("search_path", kSafePath, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	return before;
}

void UserSwitch::undo() const
{
	AtEOXact_GUC(false, settings_level); // as an abort does: also what SET has set in the scope is undone
	SetUserIdAndSecContext(user, security_context);
}

} // namespace vero::pg
