// What belongs to the extension.
#include "pg/sql/own_objects.hpp"

extern "C" {
#include "access/htup_details.h"
#include "catalog/dependency.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "commands/extension.h"
#include "utils/syscache.h"
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
	if (!OidIsValid(extension)) {
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("extension \"vero_events\" is not installed in this database"),
						errhint("CREATE EXTENSION vero_events installs it.")));
	}
	if (!OidIsValid(relation)) {
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("relation \"vero.%s\" does not exist", name),
						errdetail("It is a part of the extension \"vero_events\".")));
	}
	if (getExtensionOfObject(RelationRelationId, relation) != extension) {
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("relation \"vero.%s\" does not belong to the extension \"vero_events\"", name),
						errdetail("Only the extension's own tables are read and written.")));
	}
}

Oid own_id_sequence(Oid table, Ids ids)
{
	HeapTuple row = SearchSysCacheAttName(table, "id");
	if (!HeapTupleIsValid(row))
		return InvalidOid;
	auto *id = reinterpret_cast<Form_pg_attribute>(GETSTRUCT(row));
	bool is_fit = ids == Ids::brought ? id->attidentity == ATTRIBUTE_IDENTITY_BY_DEFAULT : id->attidentity != '\0';
	Oid sequence = is_fit ? getIdentitySequence(table, id->attnum, true) : InvalidOid;
	ReleaseSysCache(row);
	return OidIsValid(sequence) && is_own_relation(sequence) ? sequence : InvalidOid;
}

} // namespace vero::pg
