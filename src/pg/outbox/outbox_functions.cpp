// Queues a message again: vero.resend().
#include "pg/base/boundary.hpp"
#include "pg/base/settings.hpp"
#include "pg/base/spi.hpp"
#include "pg/outbox/delivery_right.hpp"
#include "pg/slots/wakeup.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

// Whom the server refused is tried again, who has it does not get it twice.
constexpr char const *kQueue =
	"WITH q AS (UPDATE vero.messages AS m SET state = 'queued', next_attempt_at = $2, attempts = 0, refused = '{}',"
	"  last_error = NULL, server_reply = NULL WHERE m.id OPERATOR(pg_catalog.=) $1"
	"  AND m.state OPERATOR(pg_catalog.=) ANY ('{stored,failed}'::pg_catalog.text[])"
	"  AND pg_catalog.cardinality(m.recipients) OPERATOR(pg_catalog.>) 0"
	"  RETURNING m.event_id, m.campaign_id),"
	" j AS (UPDATE vero.trigger_jobs AS t SET state = 'scheduled', error = NULL FROM q"
	"  WHERE t.event_id OPERATOR(pg_catalog.=) q.event_id AND t.campaign_id OPERATOR(pg_catalog.=) q.campaign_id"
	"  AND t.state OPERATOR(pg_catalog.=) 'failed')"
	" SELECT FROM q";
constexpr std::array<Oid, 2> kQueueTypes{INT8OID, TIMESTAMPTZOID};

constexpr char const *kState =
	"SELECT m.state, m.last_error FROM vero.messages AS m WHERE m.id OPERATOR(pg_catalog.=) $1";
constexpr std::array<Oid, 1> kStateTypes{INT8OID};

/// Says why it was not queued.
[[noreturn]] void refuse(Catalog const &catalog, std::int64_t message)
{
	bool is_there = call([&] {
		Datum values[] = {Int64GetDatum(message)};
		execute_as(catalog.owner, kState, kStateTypes, values, SPI_OK_SELECT);
		return SPI_processed > 0;
	});
	std::string name = "message " + std::to_string(message);
	if (!is_there)
		throw Report{ERRCODE_NO_DATA_FOUND, name + " does not exist", "", ""};
	std::string state = string_value(SPI_tuptable, 0, 1), error = string_value(SPI_tuptable, 0, 2);
	if (state == "stored" || state == "failed")
		throw Report{ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE, name + " has no recipients", "",
					 "Write them into vero.messages."};
	if (state == "cancelled")
		throw Report{ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE, name + " is cancelled: " + error, "", ""};
	throw Report{ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
				 name + " is " + (state == "sent" ? "sent" : "queued") + " already",
				 "Only stored and failed messages can be sent again.", ""};
}

void resend(std::int64_t message)
{
	SpiConnection spi;
	Catalog catalog = find_catalog();
	require_delivery(catalog);
	TimestampTz now = GetCurrentTimestamp();
	bool is_queued = call([&] {
		Datum values[] = {Int64GetDatum(message), TimestampTzGetDatum(now)};
		execute_as(catalog.owner, kQueue, kQueueTypes, values, SPI_OK_SELECT);
		return SPI_processed > 0;
	});
	if (is_queued)
		return wake_worker_at_commit(now);
	refuse(catalog, message);
}

} // namespace
} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_resend)
{
	return enter([&] {
		resend(PG_GETARG_INT64(0));
		return static_cast<Datum>(0);
	});
}
