// What belongs to the extension.
#include "pg/sql/own_objects.hpp"

#include "pg/base/compat.hpp"

extern "C" {
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "commands/extension.h"
#include "rewrite/rewriteHandler.h"
#include "utils/fmgroids.h"
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

namespace {

/// The sequence whose nextval() is the default of a column; InvalidOid where it is none.
Oid default_sequence(Oid table, AttrNumber column)
{
	Relation relation = table_open(table, AccessShareLock);
	Node *value = build_column_default(relation, column);
	table_close(relation, NoLock);
	auto *function = value != nullptr && IsA(value, FuncExpr) ? reinterpret_cast<FuncExpr *>(value) : nullptr;
	if (function == nullptr || function->funcid != F_NEXTVAL || !IsA(linitial(function->args), Const))
		return InvalidOid;
	return DatumGetObjectId(linitial_node(Const, function->args)->constvalue);
}

Oid id_sequence(Oid table, Form_pg_attribute id, Ids ids)
{
	if (id->atthasdef)
		return default_sequence(table, id->attnum);
	bool is_fit = ids == Ids::brought ? id->attidentity == ATTRIBUTE_IDENTITY_BY_DEFAULT : id->attidentity != '\0';
	return is_fit ? compat::identity_sequence(table, id->attnum) : InvalidOid;
}

} // namespace

Oid own_id_sequence(Oid table, Ids ids)
{
	HeapTuple row = SearchSysCacheAttName(table, "id");
	if (!HeapTupleIsValid(row))
		return InvalidOid;
	Oid sequence = id_sequence(table, reinterpret_cast<Form_pg_attribute>(GETSTRUCT(row)), ids);
	ReleaseSysCache(row);
	return OidIsValid(sequence) && is_own_relation(sequence) ? sequence : InvalidOid;
}

} // namespace vero::pg
