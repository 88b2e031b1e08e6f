// Checks foreign keys in place of PostgreSQL's own triggers.
#include "pg/base/boundary.hpp"
#include "pg/base/hooks.hpp"

extern "C" {
#include "commands/trigger.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/rel.h"
}

namespace vero::pg {
namespace {

bool is_set_to(char const *setting, char const *value)
{
	return strcmp(GetConfigOption(setting, false, false), value) == 0;
}

/// In the sessions in which pg_restore and psql load a dump these three are so. The owner of a table could as well disable its triggers; who calls a function of the
/// owner's could not.
bool is_restored_by_owner(Relation table)
{
	return is_set_to("check_function_bodies", "off") && is_set_to("row_security", "off") &&
		   is_set_to("search_path", "") && has_privs_of_role(GetSessionUserId(), table->rd_rel->relowner) &&
		   has_privs_of_role(GetUserId(), table->rd_rel->relowner);
}

/// True for PostgreSQL's trigger that would check a foreign key of the table now, were it not disabled.
bool is_replaced(Trigger const &trigger, Oid check)
{
	return trigger.tgisinternal && trigger.tgenabled == TRIGGER_DISABLED && trigger.tgfoid == check;
}

void check_foreign_keys(FunctionCallInfo fcinfo)
{
	if (!CALLED_AS_TRIGGER(fcinfo)) {
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("vero.check_foreign_keys() is a trigger's function")));
	}
	auto *data = reinterpret_cast<TriggerData *>(fcinfo->context);
	if (is_restored_by_owner(data->tg_relation))
		return;
	bool is_insert = TRIGGER_FIRED_BY_INSERT(data->tg_event);
	Trigger *fired = data->tg_trigger;
	// the relation cache may make them anew with every look into a catalog
	TriggerDesc *triggers = CopyTriggerDesc(data->tg_relation->trigdesc);
	for (int i = 0; i < triggers->numtriggers; i++) {
		data->tg_trigger = &triggers->triggers[i];
		if (is_replaced(*data->tg_trigger, is_insert ? F_RI_FKEY_CHECK_INS : F_RI_FKEY_CHECK_UPD))
			(void)(is_insert ? RI_FKey_check_ins(fcinfo) : RI_FKey_check_upd(fcinfo));
	}
	data->tg_trigger = fired;
	FreeTriggerDesc(triggers);
}

} // namespace
} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_check_foreign_keys)
{
	return enter([&] {
		call([&] { check_foreign_keys(fcinfo); });
		return Datum{0};
	});
}
