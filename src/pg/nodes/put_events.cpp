// What a node does with the events that an import on the coordinator sends it.
#include "pg/base/boundary.hpp"
#include "pg/nodes/row_batch.hpp"
#include "pg/nodes/shards.hpp"
#include "pg/sql/catalog.hpp"
#include "pg/sql/spi.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "commands/extension.h"
#include "commands/trigger.h"
}

namespace vero::pg {
namespace {

/// Foreign keys are not checked here, so whoever calls must be somebody who may have them unchecked, and has done so.
void require_import()
{
	if (!superuser()) {
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("permission denied for function put_events"),
						errdetail("It writes into shards of vero.events what an import has checked."),
						errhint("Import on the coordinator of the Citus cluster.")));
	}
	if (SessionReplicationRole != SESSION_REPLICATION_ROLE_REPLICA || !OidIsValid(get_extension_oid("citus", true))) {
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("vero.put_events() is called by imports on the coordinator of a Citus cluster only")));
	}
}

void require_in_range(HashRange range, ReceivedRows const &received)
{
	std::size_t columns = received.columns.size();
	std::size_t key = find_column(received.columns, kEventsDistributedBy);
	if (key == columns)
		throw Report{ERRCODE_INVALID_BINARY_REPRESENTATION, "the rows have no contact_id", "", ""};
	for (std::size_t at = key; at < received.rows.values.size(); at += columns) {
		if (!range.has(DatumGetInt64(received.rows.values[at]))) {
			throw Report{ERRCODE_T_R_SERIALIZATION_FAILURE,
						 "could not write events because a shard of vero.events was split meanwhile", "",
						 "Retry the transaction."};
		}
	}
}

/// How many there were; nothing where the shard does not take rows in bulk, and nothing was written.
std::optional<std::size_t> put_events(std::int64_t contact_id, std::string_view batch)
{
	call(require_import);
	SpiConnection spi;
	LocalShard shard = call([&] {
		UserSwitch caller = UserSwitch::become(GetUserId());
		LocalShard locked = lock_shard(contact_id);
		caller.undo();
		return locked;
	});
	ReceivedRows received = read_row_batch(batch, kOwnEvents);
	require_in_range(shard.range, received);
	TargetTable table{kOwnEvents,		   shard.relation, received.columns,
					  received.rows.count, InvalidOid,	   kEventsPartitionedBy};
	if (!call([&] { return takes_rows_in_bulk(table); }))
		return std::nullopt;
	std::unique_ptr<TableWriter> writer = open_table_writer(table);
	std::size_t written = writer->write(received.rows);
	writer->finish();
	return written;
}

} // namespace
} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_put_events)
{
	return enter([&] {
		Datum given = PG_GETARG_DATUM(1);
		bytea *batch = call([&] { return DatumGetByteaPP(given); });
		std::optional<std::size_t> written =
			put_events(PG_GETARG_INT64(0), {VARDATA_ANY(batch), VARSIZE_ANY_EXHDR(batch)});
		fcinfo->isnull = !written;
		return Int64GetDatum(static_cast<std::int64_t>(written.value_or(0)));
	});
}
