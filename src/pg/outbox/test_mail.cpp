// Campaign mail that is sent to try it out, and not to the contact.
#include "pg/outbox/test_mail.hpp"

#include "core/mail/mail_message.hpp"
#include "core/text/text.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/random.hpp"
#include "pg/slots/wakeup.hpp"
#include "pg/sql/statement.hpp"

namespace vero::pg {
namespace {

// It is no job's and no campaign's, so that nothing counts it for one; its contact is whom vero.forget() erases it for.
constexpr Statement kPutTest{
	R"(
	INSERT INTO vero.messages (kind, state, next_attempt_at, last_error, recipients, from_address, subject, body_text, body_html,
		message_id_header, contact_id, created_at)
	VALUES ('test', CASE WHEN $1 IS NULL THEN 'queued' ELSE 'stored' END, CASE WHEN $1 IS NULL THEN $9 END, $1, $2, $3, $4, $5, $6,
		$7, $8, $9)
	RETURNING id)",
	{TEXTOID, TEXTARRAYOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, INT8OID, TIMESTAMPTZOID},
	{{"id", INT8OID}}};

} // namespace

std::int64_t put_test_into_outbox(Catalog const &catalog, CampaignMail const &mail,
								  std::vector<std::string> const &recipients)
{
	std::optional<std::string> reason = why_stored(catalog, mail.from_address ? Sender::message : Sender::setting);
	std::string subject = clip("[Test] " + mail.subject, kMaxSubject);
	std::string header = "<test." + make_uuid() + "@" + message_id_domain(mail.from_address) + ">";
	TimestampTz now = GetCurrentTimestamp();
	std::int64_t id = call([&] {
		Datum addresses = text_array(recipients.size(), [&](std::size_t i) { return std::string_view(recipients[i]); });
		auto rows = run_as_owner<kPutTest>(catalog, {reason, addresses, mail.from_address, subject, mail.body_text,
													 mail.body_html, header, mail.contact_id, now});
		return rows[0].int8("id");
	});
	if (!reason) {
		wake_worker_at_commit(now);
	} else {
		std::string words = "message " + std::to_string(id) + " is stored, " + *reason;
		call([&] { ereport(WARNING, (errmsg_internal("%s", words.c_str()))); });
	}
	return id;
}

} // namespace vero::pg
