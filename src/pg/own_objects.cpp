// What belongs to the extension: objects are taken for its own by their membership, never by their names alone.
#include "pg/own_objects.hpp"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "commands/extension.h"
}

namespace vero::pg {

Oid find_extension()
{
	return get_extension_oid("vero_events", true);
}

bool is_own_relation(Oid relation)
{
	Oid extension = getExtensionOfObject(RelationRelationId, relation);
	return OidIsValid(extension) && extension == find_extension();
}

void require_own_table(Oid relation, char const *name)
{
	Oid extension = find_extension();
	if (!OidIsValid(extension))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("extension \"vero_events\" is not installed in this database"),
						errhint("CREATE EXTENSION vero_events installs it.")));
	if (!OidIsValid(relation))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("relation \"vero.%s\" does not exist", name),
						errdetail("It is a part of the extension \"vero_events\".")));
	if (getExtensionOfObject(RelationRelationId, relation) != extension)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("relation \"vero.%s\" does not belong to the extension \"vero_events\"", name),
						errdetail("Only the extension's own tables are read and written.")));
}

} // namespace vero::pg
