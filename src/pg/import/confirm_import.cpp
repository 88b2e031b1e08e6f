// Writes the confirmation of an import into the outbox.
#include "pg/import/confirm_import.hpp"

#include "core/mail/mail_address.hpp"
#include "core/report/confirmation.hpp"
#include "core/text/text.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/settings.hpp"
#include "pg/base/timestamp.hpp"
#include "pg/bulk/plain_row.hpp"
#include "pg/import/rejected_rows.hpp"
#include "pg/outbox/outbox.hpp"
#include "pg/outbox/recipients.hpp"
#include "pg/slots/wakeup.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "commands/sequence.h"
}

namespace vero::pg {
namespace {

constexpr Statement kPut{
	R"(
	INSERT INTO vero.messages (kind, state, recipients, subject, body_text, body_html, attachment, message_id_header, import_id,
		next_attempt_at, created_at, last_error, text_without_attachment, html_without_attachment)
	VALUES ('confirmation', CASE WHEN $10 IS NULL THEN 'queued' ELSE 'stored' END, $2, $3, $4, $5, $6, $7, $8,
		$1, $9, $10, $11, $12))",
	{TIMESTAMPTZOID, TEXTARRAYOID, TEXTOID, TEXTOID, TEXTOID, BYTEAOID, TEXTOID, INT8OID, TIMESTAMPTZOID, TEXTOID,
	 TEXTOID, TEXTOID}};

// The same where the table is as it was made.
constexpr std::array<char const *, 15> kGivenOfMessage{"id",
													   "kind",
													   "state",
													   "recipients",
													   "subject",
													   "body_text",
													   "body_html",
													   "attachment",
													   "message_id_header",
													   "import_id",
													   "next_attempt_at",
													   "created_at",
													   "last_error",
													   "text_without_attachment",
													   "html_without_attachment"};
constexpr std::array<char const *, 4> kDefaultedOfMessage{"attempts", "claims", "accepted", "refused"};
constinit RowForm const kMessageForm{kOwnMessages, kGivenOfMessage, kDefaultedOfMessage};

constinit Remembered<Oid> message_sequences;

constexpr std::size_t kMaxAttachment = 10 * 1024 * 1024;

/// The run has one Message-ID, here and in all copies of the database.
std::string message_id_header(std::int64_t import_id, std::string_view run_id)
{
	return "<import." + std::to_string(import_id) + "." + std::string(run_id) + "@" + message_id_domain(std::nullopt) +
		   ">";
}

/// What it says where it has to go without its attachment.
Confirmation write_smaller_confirmation(ImportOutcome outcome)
{
	outcome.rejects_file = RejectsFile::too_big;
	return write_confirmation(outcome);
}

/// False where it takes a statement. To be called in call().
bool put_as_row(Catalog const &catalog, Parameters<kPut> const &put)
{
	Oid messages = catalog.messages;
	Oid sequence = message_sequences.of(messages, [messages] { return own_id_sequence(messages, Ids::given); });
	if (!OidIsValid(sequence) || !takes_plain_rows(kMessageForm, messages, catalog.owner))
		return false;
	auto const &[next_attempt_at, recipients, subject, text, html, attachment, header, import_id, now, reason,
				 smaller_text, smaller_html] = put;
	Datum nothing = PointerGetDatum(construct_empty_array(TEXTOID));
	std::array<Parameter, kGivenOfMessage.size() + kDefaultedOfMessage.size()> values{nextval_internal(sequence, false),
																					  "confirmation",
																					  reason.is_null ? "queued"
																									 : "stored",
																					  recipients,
																					  subject,
																					  text,
																					  html,
																					  attachment,
																					  header,
																					  import_id,
																					  next_attempt_at,
																					  now,
																					  reason,
																					  smaller_text,
																					  smaller_html,
																					  std::int32_t{0},
																					  std::int64_t{0},
																					  nothing,
																					  nothing};
	return insert_plain_row(kMessageForm, messages, catalog.owner, values);
}

/// `rejects` is the attachment, where the outcome says that there is one. What nobody gets is read here, as text: an import of one record
/// would take two fifths more instructions to write it as HTML, too.
void put_into_outbox(Catalog const &catalog, ImportOutcome const &outcome, std::string_view run_id,
					 std::vector<std::string> const &recipients, std::string_view rejects)
{
	bool is_mail = !recipients.empty();
	Confirmation confirmation = write_confirmation(outcome, is_mail ? Bodies::text_and_html : Bodies::text);
	std::optional<std::string_view> attachment, html;
	std::optional<std::string> smaller_text, smaller_html;
	if (outcome.rejects_file == RejectsFile::attached)
		attachment = rejects;
	if (is_mail)
		html = confirmation.html;
	if (is_mail && attachment) {
		Confirmation smaller = write_smaller_confirmation(outcome);
		smaller_text = std::move(smaller.text);
		smaller_html = std::move(smaller.html);
	}
	std::string header = message_id_header(outcome.import_id, run_id);
	TimestampTz now = GetCurrentTimestamp();
	std::optional<std::string> reason =
		is_mail ? why_stored(catalog, Sender::setting) : "not sent: there was nobody to notify";
	call([&] {
		std::optional<TimestampTz> next_attempt_at;
		if (!reason)
			next_attempt_at = now;
		auto addresses = text_array(recipients.size(), [&](std::size_t i) { return std::string_view(recipients[i]); });
		Parameters<kPut> put{next_attempt_at,
							 addresses,
							 confirmation.subject,
							 confirmation.text,
							 html,
							 attachment,
							 header,
							 outcome.import_id,
							 now,
							 reason,
							 smaller_text,
							 smaller_html};
		if (!put_as_row(catalog, put))
			run_kept_as_owner<kPut, Planned::once>(catalog, put);
	});
	if (!reason)
		wake_worker_at_commit(now);
}

/// The same for two ways to write one mailbox: letters in lower case, the domain in ASCII.
std::string comparable(std::string const &address)
{
	std::optional<Mailbox> mailbox = Mailbox::make("", address);
	std::string lower;
	append_lower(lower, mailbox ? mailbox->address() : address);
	return lower;
}

} // namespace

std::vector<std::string> find_recipients(std::vector<std::string> const &notify)
{
	std::vector<std::string> recipients, known;
	for (std::string const &address : notify.empty() ? split_addresses(notify_email()) : notify) {
		std::string form = comparable(address);
		if (std::find(known.begin(), known.end(), form) != known.end())
			continue;
		recipients.push_back(address);
		known.push_back(std::move(form));
	}
	return recipients;
}

void check_notify_allowed(Catalog const &catalog, std::vector<std::string> const &notify)
{
	std::vector<std::string> known;
	for (std::string const &address : split_addresses(notify_email()))
		known.push_back(comparable(address));
	auto is_known = [&](std::string const &address) {
		return std::find(known.begin(), known.end(), comparable(address)) != known.end();
	};
	auto foreign = std::find_if_not(notify.begin(), notify.end(), is_known);
	if (foreign != notify.end() && !may_name_recipients(catalog)) {
		throw Report{ERRCODE_INSUFFICIENT_PRIVILEGE, "permission denied to notify " + quote_clipped(*foreign),
					 "The setting vero_events.notify_email does not name this address.",
					 "To notify others takes INSERT on vero.messages."};
	}
}

void confirm_import(Catalog const &catalog, JournalEntry const &begun, ImportOutcome outcome)
{
	std::optional<std::string> rejects;
	if (outcome.rows_rejected > 0 && !outcome.has_only_forgotten_rejects()) {
		// many are not even looked at
		if (outcome.rejected_bytes <= kMaxAttachment)
			rejects = export_own_rejects(catalog, outcome.import_id, kMaxAttachment);
		outcome.rejects_file = rejects ? RejectsFile::attached : RejectsFile::too_big;
	}
	put_into_outbox(catalog, outcome, begun.run_id, begun.recipients, rejects ? *rejects : std::string_view());
}

void confirm_lost_import(Catalog const &catalog, JournalEntry const &begun)
{
	ImportOutcome outcome = begun.outcome;
	outcome.state = ImportState::failed;
	outcome.is_undone = true;
	put_into_outbox(catalog, outcome, begun.run_id, begun.recipients, {});
}

} // namespace vero::pg
