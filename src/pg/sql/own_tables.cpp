// The tables that imports write rows into, as the extension's script makes them: whoever changes the one changes the other.
#include "pg/sql/own_objects.hpp"

extern "C" {
#include "catalog/pg_collation_d.h"
#include "catalog/pg_type_d.h"
}

namespace vero::pg {
namespace {

constexpr bool kNotNull = true;
constexpr bool kIdentity = true;

constexpr std::array<OwnColumn, 6> kContacts{{{"id", INT8OID, kNotNull, nullptr, kIdentity},
											  {"email", TEXTOID, kNotNull, nullptr, false, C_COLLATION_OID},
											  {"properties", JSONBOID, kNotNull, "'{}'"},
											  {"unsubscribed_at", TIMESTAMPTZOID},
											  {"created_at", TIMESTAMPTZOID, kNotNull, "now()"},
											  {"created_by_import", INT8OID}}};
constexpr std::array<char const *, 2> kContactsChecks{"vero.is_normal_email(email)",
													  "jsonb_typeof(properties) = 'object'"};

constexpr std::array<OwnColumn, 6> kEvents{{{"id", INT8OID, kNotNull, nullptr, kIdentity},
											{"contact_id", INT8OID, kNotNull},
											{"name", TEXTOID, kNotNull},
											{"occurred_at", TIMESTAMPTZOID, kNotNull},
											{"properties", JSONBOID, kNotNull, "'{}'"},
											{"import_id", INT8OID}}};
constexpr std::array<char const *, 2> kEventsChecks{"name <> '' AND char_length(name) <= 255",
													"jsonb_typeof(properties) = 'object'"};
constexpr std::array<OwnForeignKey, 2> kEventsKeys{{{"contact_id", "contacts"}, {"import_id", "imports"}}};

constexpr std::array<OwnColumn, 8> kRejectedRows{{{"import_id", INT8OID, kNotNull},
												  {"record_number", INT8OID, kNotNull},
												  {"line_number", INT8OID, kNotNull},
												  {"byte_offset", INT8OID, kNotNull},
												  {"raw_record", TEXTOID},
												  {"raw_bytes", BYTEAOID},
												  {"reason", TEXTOID, kNotNull},
												  {"errors", JSONBOID, kNotNull}}};
constexpr std::array<char const *, 1> kRejectedRowsChecks{"(raw_record IS NULL) <> (raw_bytes IS NULL)"};
constexpr std::array<OwnForeignKey, 1> kRejectedRowsKeys{{{"import_id", "imports"}}};

constexpr std::array<OwnColumn, 12> kTriggerJobs{{{"event_id", INT8OID, kNotNull},
												  {"campaign_id", INT8OID, kNotNull},
												  {"contact_id", INT8OID, kNotNull},
												  {"occurred_at", TIMESTAMPTZOID, kNotNull},
												  {"import_id", INT8OID},
												  {"due_at", TIMESTAMPTZOID, kNotNull},
												  {"state", TEXTOID, kNotNull, "'scheduled'"},
												  {"reason", TEXTOID},
												  {"attempts", INT4OID, kNotNull, "0"},
												  {"error", TEXTOID},
												  {"decided_at", TIMESTAMPTZOID},
												  {"message_id", INT8OID}}};
constexpr std::array<char const *, 4> kTriggerJobsChecks{
	"reason IN ('future_event', 'overdue', 'campaign_inactive', 'contact_deleted', 'event_deleted', 'unsubscribed',"
	" 'condition_false', 'cooldown')",
	"attempts >= 0", "due_at >= occurred_at",
	"CASE state"
	" WHEN 'scheduled' THEN reason IS NULL AND error IS NULL AND (message_id IS NULL) = (decided_at IS NULL)"
	" WHEN 'sent' THEN reason IS NULL AND error IS NULL AND message_id IS NOT NULL AND decided_at IS NOT NULL"
	" WHEN 'discarded' THEN reason IS NOT NULL AND error IS NULL AND message_id IS NULL AND decided_at IS NOT NULL"
	" WHEN 'failed' THEN reason IS NULL AND error IS NOT NULL AND decided_at IS NOT NULL"
	" WHEN 'cancelled' THEN reason IS NULL AND message_id IS NULL"
	" ELSE false END"};
constexpr std::array<OwnForeignKey, 2> kTriggerJobsKeys{{{"campaign_id", "campaigns"}, {"import_id", "imports"}}};

} // namespace

constinit OwnTable const kOwnContacts{"contacts", kContacts, kContactsChecks, {}, false};
constinit OwnTable const kOwnEvents{"events", kEvents, kEventsChecks, kEventsKeys, false};
constinit OwnTable const kOwnRejectedRows{"rejected_rows", kRejectedRows, kRejectedRowsChecks, kRejectedRowsKeys,
										  false};
constinit OwnTable const kOwnTriggerJobs{"trigger_jobs", kTriggerJobs, kTriggerJobsChecks, kTriggerJobsKeys, true};

} // namespace vero::pg
