// Queues a message again: vero.resend().
#include "pg/base/boundary.hpp"
#include "pg/base/settings.hpp"
#include "pg/outbox/delivery_right.hpp"
#include "pg/slots/wakeup.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

// Whom the server refused is tried again, who has it does not get it twice.
constexpr Statement kQueue{
	R"(
	WITH q AS (
		UPDATE vero.messages AS m
		SET state = 'queued', next_attempt_at = $2, attempts = 0, refused = '{}', last_error = NULL, server_reply = NULL
		WHERE m.id = $1 AND m.state = ANY ('{stored,failed}'::text[]) AND cardinality(m.recipients) > 0
		RETURNING m.event_id, m.campaign_id),
	j AS (
		UPDATE vero.trigger_jobs AS t
		SET state = 'scheduled', error = NULL
		FROM q
		WHERE t.event_id = q.event_id AND t.campaign_id = q.campaign_id AND t.state = 'failed')
	SELECT FROM q)",
	{INT8OID, TIMESTAMPTZOID}};

constexpr Statement kMessageState{
	R"(
	SELECT m.state, m.last_error
	FROM vero.messages AS m
	WHERE m.id = $1)",
	{INT8OID},
	{{"state", TEXTOID}, {"last_error", TEXTOID}}};

/// Says why it was not queued.
[[noreturn]] void refuse(Catalog const &catalog, std::int64_t message)
{
	auto rows = call([&] { return run_as_owner<kMessageState>(catalog, {message}); });
	std::string name = "message " + std::to_string(message);
	if (rows.count() == 0)
		throw Report{ERRCODE_NO_DATA_FOUND, name + " does not exist", "", ""};
	std::string state = rows[0].string("state"), error = rows[0].string("last_error");
	if (state == "stored" || state == "failed") {
		throw Report{ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE, name + " has no recipients", "",
					 "Write them into vero.messages."};
	}
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
	bool is_queued = call([&] { return run_as_owner<kQueue>(catalog, {message, now}).count() > 0; });
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
