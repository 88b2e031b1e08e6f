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

constexpr std::array<OwnColumn, 6> kEvents{{{"id", INT8OID, kNotNull, "nextval('vero.events_id_seq')"},
											{"contact_id", INT8OID, kNotNull},
											{"name", TEXTOID, kNotNull},
											{"occurred_at", TIMESTAMPTZOID, kNotNull},
											{"properties", JSONBOID, kNotNull, "'{}'"},
											{"import_id", INT8OID}}};
constexpr std::array<char const *, 2> kEventsChecks{"name <> '' AND char_length(name) <= 255",
													"jsonb_typeof(properties) = 'object'"};
constexpr std::array<OwnForeignKey, 1> kEventsKeys{{{"contact_id", "contacts"}}};

constexpr std::array<OwnColumn, 32> kImports{{{"id", INT8OID, kNotNull, nullptr, kIdentity},
											  {"source", TEXTOID, kNotNull},
											  {"state", TEXTOID, kNotNull},
											  {"options", JSONBOID, kNotNull, "'{}'"},
											  {"header", TEXTOID},
											  {"dialect", JSONBOID},
											  {"reading", JSONBOID},
											  {"forecast", JSONBOID},
											  {"sha256", BYTEAOID},
											  {"content_sha256", BYTEAOID},
											  {"bytes", INT8OID},
											  {"uncompressed_bytes", INT8OID},
											  {"rows_read", INT8OID, kNotNull, "0"},
											  {"rows_imported", INT8OID, kNotNull, "0"},
											  {"rows_rejected", INT8OID, kNotNull, "0"},
											  {"rows_duplicate", INT8OID, kNotNull, "0"},
											  {"contacts_created", INT8OID, kNotNull, "0"},
											  {"jobs_scheduled", INT8OID, kNotNull, "0"},
											  {"jobs_discarded", INT8OID, kNotNull, "0"},
											  {"error", TEXTOID},
											  {"notify", TEXTARRAYOID},
											  {"parent_import_id", INT8OID},
											  {"corrected_by", INT8ARRAYOID, kNotNull, "'{}'"},
											  {"events_dropped", INT8OID, kNotNull, "0"},
											  {"imported_by", NAMEOID, kNotNull},
											  {"imported_by_oid", OIDOID},
											  {"imported_in", INT8OID},
											  {"started_at", TIMESTAMPTZOID, kNotNull},
											  {"finished_at", TIMESTAMPTZOID},
											  {"undone_at", TIMESTAMPTZOID},
											  {"undone_by", NAMEOID},
											  {"run_id", UUIDOID, kNotNull, "gen_random_uuid()"}}};
constexpr std::array<char const *, 8> kImportsChecks{
	"state IN ('running', 'completed', 'completed_with_rejects', 'failed', 'dry_run', 'undone')",
	"length(sha256) = 32",
	"length(content_sha256) = 32",
	"bytes >= 0",
	"uncompressed_bytes >= 0",
	"rows_read = rows_imported + rows_rejected + rows_duplicate",
	"(state = 'failed') = (error IS NOT NULL)",
	"(state = 'undone') = (undone_at IS NOT NULL) AND (state = 'undone') = (undone_by IS NOT NULL)"};

constexpr std::array<OwnColumn, 10> kRejectedRows{{{"import_id", INT8OID, kNotNull},
												   {"record_number", INT8OID, kNotNull},
												   {"line_number", INT8OID, kNotNull},
												   {"byte_offset", INT8OID, kNotNull},
												   {"raw_record", TEXTOID},
												   {"raw_bytes", BYTEAOID},
												   {"reason", TEXTOID, kNotNull},
												   {"errors", JSONBOID, kNotNull},
												   {"corrected_record", TEXTOID},
												   {"resolved_by", INT8OID}}};
constexpr std::array<char const *, 2> kRejectedRowsChecks{"(raw_record IS NULL) <> (raw_bytes IS NULL)",
														  "octet_length(corrected_record) <= 4194304"};
constexpr std::array<OwnForeignKey, 1> kRejectedRowsKeys{{{"import_id", "imports"}}};

constexpr std::array<OwnColumn, 13> kTriggerJobs{{{"event_id", INT8OID, kNotNull},
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
												  {"message_id", INT8OID},
												  {"registered_at", TIMESTAMPTZOID}}};
constexpr std::array<char const *, 4> kTriggerJobsChecks{
	"reason IN ('future_event', 'overdue', 'campaign_inactive', 'contact_deleted', 'event_deleted', 'unsubscribed',"
	" 'condition_false', 'cooldown', 'suppressed', 'import_undone', 'cancelled')",
	"attempts >= 0", "due_at >= occurred_at",
	"CASE state"
	" WHEN 'scheduled' THEN (reason IS NULL OR reason = 'cancelled' AND message_id IS NOT NULL) AND error IS NULL AND "
	"(message_id IS NULL) = (decided_at IS NULL)"
	" WHEN 'sent' THEN reason IS NULL AND error IS NULL AND message_id IS NOT NULL AND decided_at IS NOT NULL"
	" WHEN 'discarded' THEN reason IS NOT NULL AND error IS NULL AND message_id IS NULL AND decided_at IS NOT NULL"
	" WHEN 'failed' THEN reason IS NULL AND error IS NOT NULL AND decided_at IS NOT NULL"
	" WHEN 'cancelled' THEN (reason IS NULL OR reason IN ('import_undone', 'cancelled')) AND message_id IS NULL"
	" ELSE false END"};
constexpr std::array<OwnForeignKey, 2> kTriggerJobsKeys{{{"campaign_id", "campaigns"}, {"import_id", "imports"}}};

constexpr std::array<OwnColumn, 26> kMessages{{{"id", INT8OID, kNotNull, nullptr, kIdentity},
											   {"kind", TEXTOID, kNotNull},
											   {"state", TEXTOID, kNotNull},
											   {"recipients", TEXTARRAYOID, kNotNull},
											   {"from_address", TEXTOID},
											   {"subject", TEXTOID, kNotNull},
											   {"body_text", TEXTOID},
											   {"body_html", TEXTOID},
											   {"attachment", BYTEAOID},
											   {"text_without_attachment", TEXTOID},
											   {"html_without_attachment", TEXTOID},
											   {"message_id_header", TEXTOID, kNotNull},
											   {"event_id", INT8OID},
											   {"campaign_id", INT8OID},
											   {"contact_id", INT8OID},
											   {"import_id", INT8OID},
											   {"attempts", INT4OID, kNotNull, "0"},
											   {"claims", INT8OID, kNotNull, "0"},
											   {"next_attempt_at", TIMESTAMPTZOID},
											   {"accepted", TEXTARRAYOID, kNotNull, "'{}'"},
											   {"refused", TEXTARRAYOID, kNotNull, "'{}'"},
											   {"last_error", TEXTOID},
											   {"server_reply", TEXTOID},
											   {"created_at", TIMESTAMPTZOID, kNotNull},
											   {"dated_at", TIMESTAMPTZOID},
											   {"sent_at", TIMESTAMPTZOID}}};
constexpr std::array<char const *, 6> kMessagesChecks{
	"message_id_header ~ '^<[!-;=?-~]+@[!-;=?-~]+>$'",
	"attempts >= 0",
	"body_text IS NOT NULL OR body_html IS NOT NULL",
	"attachment IS NOT NULL OR (text_without_attachment IS NULL AND html_without_attachment IS NULL)",
	"CASE kind"
	" WHEN 'campaign' THEN cardinality(recipients) = 1 AND event_id IS NOT NULL AND campaign_id IS NOT NULL"
	" AND contact_id IS NOT NULL AND import_id IS NULL AND attachment IS NULL"
	" WHEN 'confirmation' THEN import_id IS NOT NULL AND event_id IS NULL AND campaign_id IS NULL AND contact_id IS "
	"NULL"
	" WHEN 'test' THEN contact_id IS NOT NULL AND event_id IS NULL AND campaign_id IS NULL AND import_id IS NULL AND "
	"attachment IS NULL"
	" ELSE false END",
	"CASE state"
	" WHEN 'queued' THEN sent_at IS NULL AND recipients <> '{}'"
	" WHEN 'sending' THEN next_attempt_at IS NOT NULL AND sent_at IS NULL AND attempts > 0 AND claims > 0"
	" WHEN 'sent' THEN next_attempt_at IS NULL AND sent_at IS NOT NULL"
	" WHEN 'failed' THEN next_attempt_at IS NULL AND sent_at IS NULL AND last_error IS NOT NULL"
	" WHEN 'stored' THEN next_attempt_at IS NULL AND sent_at IS NULL"
	" WHEN 'cancelled' THEN next_attempt_at IS NULL AND sent_at IS NULL AND last_error IS NOT NULL"
	" ELSE false END"};
constexpr std::array<OwnForeignKey, 1> kMessagesKeys{{{"import_id", "imports"}}};

} // namespace

constinit OwnTable const kOwnContacts{"contacts", kContacts, kContactsChecks, {}, false};
constinit OwnTable const kOwnEvents{"events", kEvents, kEventsChecks, kEventsKeys, false};
constinit OwnTable const kOwnRejectedRows{"rejected_rows", kRejectedRows, kRejectedRowsChecks, kRejectedRowsKeys,
										  false};
constinit OwnTable const kOwnImports{"imports", kImports, kImportsChecks, {}, false};
constinit OwnTable const kOwnMessages{"messages", kMessages, kMessagesChecks, kMessagesKeys, true};
constinit OwnTable const kOwnTriggerJobs{"trigger_jobs", kTriggerJobs, kTriggerJobsChecks, kTriggerJobsKeys, true};

} // namespace vero::pg
