// Whose an import is: the role's that made it.
#include "pg/import/import_owner.hpp"

#include "pg/base/subtransaction.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "commands/extension.h"
#include "utils/acl.h"
#include "utils/builtins.h"
}

namespace vero::pg {
namespace {

constexpr Statement kRename{
	R"(
	UPDATE vero.imports
	SET imported_by = $1
	WHERE imported_by_oid = $2 AND imported_by = $3 AND imported_in = $4)",
	{NAMEOID, OIDOID, NAMEOID, INT8OID}};

// As the caller, under row security.
constexpr Statement kIsOwn{
	R"(
	SELECT COALESCE(vero.is_own_import(i.imported_by, i.imported_by_oid, i.imported_in), false) AS is_own
	FROM vero.imports AS i
	WHERE i.id OPERATOR(pg_catalog.=) $1)",
	{INT8OID},
	{{"is_own", BOOLOID}}};

RenameStmt const *role_rename(Node *statement)
{
	if (!IsA(statement, RenameStmt))
		return nullptr;
	auto *rename = reinterpret_cast<RenameStmt *>(statement);
	return rename->renameType == OBJECT_ROLE ? rename : nullptr;
}

void rename_importer(Oid role, char const *old_name, char const *new_name)
{
	SpiConnection spi;
	Catalog catalog = find_catalog();
	call([&] {
		NameData from, to;
		namestrcpy(&from, old_name);
		namestrcpy(&to, new_name);
		run_as_owner<kRename>(catalog,
							  {NameGetDatum(&to), ObjectIdGetDatum(role), NameGetDatum(&from), this_cluster()});
	});
}

/// A table that cannot be written does not keep a role from being renamed.
void follow_rename(Oid role, RenameStmt const *rename)
{
	char const *from = rename->subname, *to = rename->newname;
	std::optional<std::string> error = try_in_subtransaction([&] { rename_importer(role, from, to); });
	if (!error)
		return;
	char const *words = error->c_str();
	call([=] {
		ereport(WARNING, (errmsg("the imports of role \"%s\" remain under its old name: %s", to, words),
						  errhint("SELECT vero.assign_imports('old name', 'new name') gives them to it.")));
	});
}

} // namespace

void follow_role_renames(UtilityCall const &statement)
{
	RenameStmt const *rename = role_rename(statement.tree());
	Oid role = rename != nullptr ? get_role_oid(rename->subname, true) : InvalidOid;
	statement.pass_on();
	if (OidIsValid(role) && OidIsValid(get_extension_oid("vero_events", true)))
		enter([&] { follow_rename(role, rename); });
}

bool may_change_import(Catalog const &catalog, std::int64_t import)
{
	if (call([&] { return pg_class_aclcheck(catalog.events, GetUserId(), ACL_DELETE) == ACLCHECK_OK; }))
		return true;
	auto rows = call([import] { return run<kIsOwn>({import}); });
	return rows.count() > 0 && call([&] { return rows[0].boolean("is_own"); });
}

void check_import_owner(Catalog const &catalog, std::int64_t import, char const *action)
{
	if (may_change_import(catalog, import))
		return;
	throw Report{ERRCODE_INSUFFICIENT_PRIVILEGE,
				 std::string("permission denied to ") + action + " import " + std::to_string(import), "",
				 "The role that imported it may, and roles with DELETE on vero.events."};
}

} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_is_own_import)
{
	if (PG_GETARG_OID(1) != GetUserId() || PG_GETARG_INT64(2) != this_cluster())
		PG_RETURN_BOOL(false);
	return enter([&] {
		return call([&] {
			char const *user = GetUserNameFromId(GetUserId(), true);
			return BoolGetDatum(user != nullptr && namestrcmp(PG_GETARG_NAME(0), user) == 0);
		});
	});
}
