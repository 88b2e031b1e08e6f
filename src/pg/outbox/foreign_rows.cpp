// Triggers that notice what comes from elsewhere: by replication, or by a restore.
#include "pg/base/boundary.hpp"
#include "pg/base/compat.hpp"
#include "pg/base/random.hpp"
#include "pg/outbox/delivery_right.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type_d.h"
#include "commands/trigger.h"
#include "storage/proc.h"
#include "utils/rel.h"
}

namespace vero::pg {
namespace {

constexpr Statement kTurnOff{
	R"(
	INSERT INTO vero.delivery (system_identifier, database_oid, instance, off_reason)
	SELECT $1, 0::oid, gen_random_uuid(), 'Replication or a restore wrote its jobs or messages.'
	WHERE NOT EXISTS (SELECT FROM vero.delivery AS d WHERE d.off_reason IS NOT NULL))",
	{INT8OID}};

/// The (sub)transaction that turned delivery off last: for its further rows nothing is left to do.
struct {
	LocalTransactionId transaction = InvalidLocalTransactionId;
	SubTransactionId subtransaction = InvalidSubTransactionId;
} done;

void turn_delivery_off()
{
	LocalTransactionId transaction = compat::own_local_transaction();
	SubTransactionId subtransaction = GetCurrentSubTransactionId();
	if (done.transaction == transaction && done.subtransaction == subtransaction)
		return;
	SpiConnection spi;
	Catalog catalog = find_catalog();
	call([&] { run_as_owner<kTurnOff>(catalog, {this_cluster()}); });
	done = {transaction, subtransaction};
}

Datum column_value(TriggerData const *trigger, char const *name)
{
	bool is_null;
	TupleDesc columns = RelationGetDescr(trigger->tg_relation);
	return heap_getattr(trigger->tg_trigtuple, SPI_fnumber(columns, name), columns, &is_null);
}

/// To be called in call().
bool speaks_for_this_database(TriggerData const *trigger)
{
	return DatumGetInt64(column_value(trigger, "system_identifier")) == this_cluster() &&
		   DatumGetObjectId(column_value(trigger, "database_oid")) == MyDatabaseId;
}

/// The row that the trigger has in hand, changed so that it belongs to no database.
HeapTuple disowned(TriggerData const *trigger)
{
	std::string uuid = make_uuid();
	return call([&] {
		TupleDesc columns = RelationGetDescr(trigger->tg_relation);
		int numbers[] = {SPI_fnumber(columns, "database_oid"), SPI_fnumber(columns, "instance")};
		Datum values[] = {ObjectIdGetDatum(InvalidOid), uuid_datum(uuid)};
		bool nulls[] = {false, false};
		return heap_modify_tuple_by_cols(trigger->tg_trigtuple, columns, 2, numbers, values, nulls);
	});
}

TriggerData const *require_trigger(FunctionCallInfo fcinfo)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		throw Report{ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED, "function must be called as a trigger", "", ""};
	return reinterpret_cast<TriggerData const *>(fcinfo->context);
}

} // namespace
} // namespace vero::pg

using namespace vero::pg;

/// For each row of vero.trigger_jobs and vero.messages, where session_replication_role is replica: what comes so is another database's.
VERO_FUNCTION(vero_note_replicated)
{
	return enter([&] {
		(void)require_trigger(fcinfo);
		if (SessionReplicationRole == SESSION_REPLICATION_ROLE_REPLICA)
			turn_delivery_off();
		return static_cast<Datum>(0);
	});
}

/// Before a row of vero.delivery is inserted: one that a restore brings back does not speak for this database, though it may have been
/// written in it.
VERO_FUNCTION(vero_disown_delivery)
{
	return enter([&] {
		TriggerData const *trigger = require_trigger(fcinfo);
		bool is_restored = !is_enabling_delivery() && call([&] { return speaks_for_this_database(trigger); });
		return PointerGetDatum(is_restored ? disowned(trigger) : trigger->tg_trigtuple);
	});
}
