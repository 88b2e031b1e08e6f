// Records an event as it happens, and triggers its campaigns.
#include "core/intake/validator.hpp"
#include "core/text/email_syntax.hpp"
#include "core/text/text.hpp"
#include "core/text/tidy_name.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/timestamp.hpp"
#include "pg/campaigns/job_scheduler.hpp"
#include "pg/import/event_writer.hpp"
#include "pg/import/import.hpp"
#include "pg/import/import_wait.hpp"
#include "pg/sql/citus_node.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

constexpr Statement kFind{
	R"(
	SELECT c.id
	FROM vero.contacts AS c
	WHERE c.email = $1
	FOR KEY SHARE)",
	{TEXTOID},
	{{"id", INT8OID}}};

constexpr Statement kCreate{
	R"(
	INSERT INTO vero.contacts (email)
	VALUES ($1)
	ON CONFLICT (email) DO NOTHING
	RETURNING id)",
	{TEXTOID},
	{{"id", INT8OID}}};

struct TrackedEvent {
	std::string email;
	std::string name;
	Datum properties;
	TimestampTz occurred_at;
	Lateness lateness; ///< without a time of its own it happens now, and nothing of it is late
};

Report invalid(std::string message)
{
	return Report{ERRCODE_INVALID_PARAMETER_VALUE, std::move(message), "", ""};
}

std::string trimmed_argument(FunctionCallInfo fcinfo, int argument)
{
	if (PG_ARGISNULL(argument))
		return "";
	Datum value = PG_GETARG_DATUM(argument);
	return std::string(trim_unseen(call([value] { return TextDatumGetCString(value); })));
}

/// By the rules for records of a file.
TrackedEvent read_event(FunctionCallInfo fcinfo, TimestampTz now)
{
	TrackedEvent event;
	std::string email = trimmed_argument(fcinfo, 0);
	if (is_email_placeholder(email))
		throw invalid("the event has no email address");
	if (!append_normal_email(event.email, email))
		throw invalid(quote_clipped(email) + " is not an email address");
	event.name = tidy_name(trimmed_argument(fcinfo, 1));
	if (event.name.empty())
		throw invalid("the event has no name");
	if (!is_utf8(event.name))
		throw invalid("the event's name is not valid UTF-8");
	if (utf8_length(event.name) > kMaxEventNameLength)
		throw invalid("the event's name has more than 255 characters");
	bool has_properties = !PG_ARGISNULL(2);
	Datum given = has_properties ? PG_GETARG_DATUM(2) : 0;
	event.properties = call([&] {
		return has_properties ? JsonbPGetDatum(DatumGetJsonbP(given))
							  : DirectFunctionCall1(jsonb_in, CStringGetDatum("{}"));
	});
	if (!JB_ROOT_IS_OBJECT(DatumGetJsonbP(event.properties)))
		throw invalid("the event's properties must be an object");
	event.occurred_at = PG_ARGISNULL(3) ? now : PG_GETARG_TIMESTAMPTZ(3);
	event.lateness = PG_ARGISNULL(3) ? Lateness::none : Lateness::judged;
	if (event.occurred_at < kFirstEventTime || event.occurred_at >= kEndOfEventTimes)
		throw invalid("the event's time must lie in the years 1 to 9999");
	return event;
}

/// The id that a statement returned, if it returned a row. To be called in call().
template <Statement const &statement> std::optional<std::int64_t> run_for_id(Datum email)
{
	auto rows = run_kept<statement>({email});
	return rows.count() == 0 ? std::nullopt : std::optional(rows[0].int8("id"));
}

/// The contact is found or created, and locked against deletion. One that somebody else is just creating or deleting is waited for,
/// and looked for again.
std::int64_t find_or_create_contact(Catalog const &catalog, std::string const &email)
{
	for (;;) {
		check_for_interrupts();
		std::optional<std::int64_t> id = call([&] {
			Datum address = text_datum(email);
			return as_owner(catalog, [address] {
				std::optional<std::int64_t> contact = run_for_id<kFind>(address);
				return contact ? contact : run_for_id<kCreate>(address);
			});
		});
		if (id)
			return *id;
	}
}

/// As the caller, whose right to insert events it takes.
std::int64_t record_event(Catalog const &catalog, TrackedEvent const &event, std::int64_t contact_id)
{
	EventWriter writer(catalog, std::nullopt);
	Datum name = call([&] { return text_datum(event.name); });
	writer.write({contact_id, name, event.occurred_at, event.properties});
	std::int64_t id = writer.ids().front();
	writer.finish();
	return id;
}

std::int64_t track_event(TrackedEvent const &event, TimestampTz now)
{
	Catalog catalog = find_catalog();
	check_trigger_allowed(catalog);
	call([&] { change_in_order(catalog); });
	SpiConnection spi;
	ImportWait wait("track_event()");
	std::int64_t contact_id = find_or_create_contact(catalog, event.email);
	std::int64_t event_id = record_event(catalog, event, contact_id);
	JobRegistrar jobs(catalog, std::nullopt, now, event.lateness);
	jobs.add({event_id, contact_id, event.occurred_at, event.name, std::nullopt});
	jobs.finish();
	wait.end();
	return event_id;
}

} // namespace
} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_track_event)
{
	return enter([&] {
		check_import_allowed("track_event()");
		TimestampTz now = GetCurrentTimestamp();
		return Int64GetDatum(track_event(read_event(fcinfo, now), now));
	});
}
