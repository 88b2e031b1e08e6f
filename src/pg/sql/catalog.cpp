// The extension's own tables and who owns them.
#include "pg/sql/catalog.hpp"

#include "pg/base/boundary.hpp"
#include "pg/sql/citus_node.hpp"
#include "pg/sql/own_objects.hpp"
#include "pg/sql/spread_table.hpp"

extern "C" {
#include "access/htup_details.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_extension.h"
#include "commands/extension.h"
#include "storage/lmgr.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace vero::pg {
namespace {

// pg_temp last: where it is not named, a temporary table comes before all others
constexpr char const *kSafePath = "pg_catalog, pg_temp";

// What was found last, and at which version: good for as long as that does not change.
constinit Catalog known{};
Oid known_extension = InvalidOid;
std::uint64_t known_at = 0;
std::uint64_t version = 1;

std::array<Oid, 11> tables_of(Catalog const &catalog)
{
	return {catalog.contacts,	  catalog.events,	catalog.imports,   catalog.rejected_rows,
			catalog.trigger_jobs, catalog.messages, catalog.campaigns, catalog.import_profiles,
			catalog.suppressions, catalog.delivery, catalog.mail_stops};
}

bool is_of(Catalog const &catalog, Oid table)
{
	auto tables = tables_of(catalog);
	return std::find(tables.begin(), tables.end(), table) != tables.end();
}

void note_changed_table(Datum, Oid table)
{
	if (known_at != version || !OidIsValid(table) || is_of(known, table))
		version++;
}

void watch_for_changes()
{
	static bool is_watching = false;
	if (is_watching)
		return;
	CacheRegisterRelcacheCallback(note_changed_table, 0);
	CacheRegisterSyscacheCallback(
		NAMESPACEOID, [](auto...) { version++; }, 0);
	is_watching = true;
}

Oid find_table(Oid schema, char const *name)
{
	Oid table = OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
	require_own_table(table, name);
	return table;
}

Oid owner_of_table(Oid table)
{
	return owner_of(table, RELOID, Anum_pg_class_relowner);
}

/// What one owner's triggers, checks and policies do is done as that owner, so nobody else's may be among them.
void require_one_owner(Catalog const &catalog)
{
	for (Oid table : tables_of(catalog)) {
		if (Oid other = owner_of_table(table); other != catalog.owner) {
			ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
							errmsg("the tables of the extension \"vero_events\" have different owners"),
							errdetail("Table vero.imports belongs to role \"%s\", vero.%s to \"%s\".",
									  GetUserNameFromId(catalog.owner, false), get_rel_name(table),
									  GetUserNameFromId(other, false)),
							errhint("Give all tables in schema vero to one role, with ALTER TABLE ... OWNER TO.")));
		}
	}
}

/// Until the transaction ends, before it takes anything of the extension's: DROP EXTENSION takes this first, too, so that one of the two
/// waits for the other, and not each for the other.
void hold(Oid extension)
{
	if (OidIsValid(extension))
		LockDatabaseObject(ExtensionRelationId, extension, 0, AccessShareLock);
}

Catalog look_up_catalog()
{
	Oid schema = get_namespace_oid("vero", true);
	Catalog catalog;
	catalog.contacts = find_table(schema, "contacts");
	catalog.events = find_table(schema, "events");
	catalog.imports = find_table(schema, "imports");
	catalog.rejected_rows = find_table(schema, "rejected_rows");
	catalog.trigger_jobs = find_table(schema, "trigger_jobs");
	catalog.messages = find_table(schema, "messages");
	catalog.campaigns = find_table(schema, "campaigns");
	catalog.import_profiles = find_table(schema, "import_profiles");
	catalog.suppressions = find_table(schema, "suppressions");
	catalog.delivery = find_table(schema, "delivery");
	catalog.mail_stops = find_table(schema, "mail_stops");
	catalog.owner = owner_of_table(catalog.imports);
	require_one_owner(catalog);
	catalog.is_distributed = is_of_citus(catalog.events);
	return catalog;
}

} // namespace

Oid owner_of(Oid object, SysCacheIdentifier cache, AttrNumber column)
{
	HeapTuple row = SearchSysCache1(cache, ObjectIdGetDatum(object));
	if (!HeapTupleIsValid(row))
		elog(ERROR, "cache lookup failed for object %u in cache %d", object, cache);
	bool is_null;
	Oid owner = DatumGetObjectId(SysCacheGetAttr(cache, row, column, &is_null));
	ReleaseSysCache(row);
	return owner;
}

Catalog find_catalog()
{
	return call([] {
		watch_for_changes();
		AcceptInvalidationMessages();
		if (known_at == version)
			hold(known_extension); // which may tell of a change
		if (known_at != version) {
			known_extension = find_extension();
			hold(known_extension);
			std::uint64_t looked_up_at = version; // what changes meanwhile is looked up the next time
			known = look_up_catalog();
			known_at = looked_up_at;
		}
		if (!creating_extension) // which Citus does on each node
			require_coordinator();
		return known;
	});
}

bool is_catalog_table(Oid table)
{
	return known_at == version && is_of(known, table);
}

std::int64_t this_cluster()
{
	return static_cast<std::int64_t>(GetSystemIdentifier());
}

std::uint64_t catalog_version()
{
	return version;
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
