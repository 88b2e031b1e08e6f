// Erases what is stored of a person: vero.forget().
#include "core/csv/utf16.hpp"
#include "core/text/address_search.hpp"
#include "core/text/visible_text.hpp"
#include "pg/base/address.hpp"
#include "pg/base/arguments.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/outbox/suppressions.hpp"
#include "pg/outbox/withheld_mail.hpp"
#include "pg/sql/citus_node.hpp"
#include "pg/sql/statement.hpp"
#include "pg/undo/forgotten_person.hpp"

extern "C" {
#include "access/xact.h"
#include "catalog/pg_type_d.h"
#include "utils/acl.h"
}

namespace vero::pg {
namespace {

constexpr long kRecordsAtOnce = 20, kMessagesAtOnce = 1; // a record has some MB at most, a message an attachment of 10
constexpr long kCampaignMailAtOnce = 20;				 // which has none

constexpr Statement kRejects{
	R"(
	SELECT r.import_id, r.record_number, r.raw_record, r.raw_bytes, r.corrected_record
	FROM vero.rejected_rows AS r
	WHERE r.raw_record LIKE $1 OR r.raw_bytes IS NOT NULL OR r.corrected_record LIKE $1)",
	{TEXTOID},
	{{"import_id", INT8OID},
	 {"record_number", INT8OID},
	 {"raw_record", TEXTOID},
	 {"raw_bytes", BYTEAOID},
	 {"corrected_record", TEXTOID}}};

constexpr Statement kRemoveRejects{
	R"(
	DELETE FROM vero.rejected_rows AS r
	USING unnest($1, $2) AS k (import_id, record_number)
	WHERE r.import_id = k.import_id AND r.record_number = k.record_number)",
	{INT8ARRAYOID, INT8ARRAYOID}};

// A confirmation keeps its subject.
constexpr Statement kTexts{
	R"(
	SELECT m.id, CASE WHEN m.kind <> 'confirmation' THEN m.subject END AS subject, m.body_text, m.body_html, m.attachment,
		m.text_without_attachment, m.html_without_attachment
	FROM vero.messages AS m
	WHERE m.kind = $1)",
	{TEXTOID},
	{{"id", INT8OID},
	 {"subject", TEXTOID},
	 {"body_text", TEXTOID},
	 {"body_html", TEXTOID},
	 {"attachment", BYTEAOID},
	 {"text_without_attachment", TEXTOID},
	 {"html_without_attachment", TEXTOID}}};

constexpr Statement kEraseConfirmations{
	R"(
	UPDATE vero.messages
	SET body_text = 'The text of this confirmation was erased, as it named somebody who was forgotten. The import''s row in vero.imports has its counts.',
		body_html = NULL, attachment = NULL, text_without_attachment = NULL, html_without_attachment = NULL
	WHERE id = ANY ($1))",
	{INT8ARRAYOID}};

// Of a contact who is known no more: those of others are removed with the campaign mail.
constexpr Statement kRemoveTests{
	R"(
	DELETE FROM vero.messages
	WHERE id = ANY ($1))",
	{INT8ARRAYOID}};

// Mail to others: its row stays, so that cooldowns hold. What is not sent yet is not sent any more; of what is just being sent withheld_mail.cpp cancels
// what would be tried once more.
constexpr Statement kEraseMail{
	R"(
	WITH erased AS (
		UPDATE vero.messages AS m
		SET subject = 'erased', body_html = NULL,
			body_text = 'The text of this mail was erased, as it named somebody who was forgotten.',
			state = CASE WHEN m.state = ANY ('{queued,stored,failed}'::text[]) THEN 'cancelled' ELSE m.state END,
			next_attempt_at = CASE WHEN m.state = 'sending' THEN m.next_attempt_at END,
			last_error = CASE WHEN m.state = ANY ('{queued,stored,failed}'::text[])
				THEN 'its text was erased, as it named somebody who was forgotten' ELSE m.last_error END
		WHERE m.id = ANY ($1)
		RETURNING m.event_id, m.campaign_id, m.state)
	UPDATE vero.trigger_jobs AS j
	SET state = CASE WHEN e.state = 'sending' THEN j.state ELSE 'cancelled' END, reason = 'cancelled', error = NULL,
		message_id = CASE WHEN e.state = 'sending' THEN j.message_id END
	FROM erased AS e
	WHERE j.event_id = e.event_id AND j.campaign_id = e.campaign_id AND e.state = ANY ('{cancelled,sending}'::text[])
		AND j.state = ANY ('{scheduled,failed}'::text[]))",
	{INT8ARRAYOID}};

void check_allowed(Catalog const &catalog)
{
	call([&] {
		if (pg_class_aclcheck(catalog.events, GetUserId(), ACL_DELETE) != ACLCHECK_OK)
			aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, "events");
	});
	if (IsolationUsesXactSnapshot()) {
		throw Report{ERRCODE_FEATURE_NOT_SUPPORTED, "people can only be forgotten at isolation level READ COMMITTED",
					 "", "Run it in a transaction at READ COMMITTED."};
	}
}

std::string decode_utf16(std::string_view text, ByteOrder order)
{
	constexpr std::size_t kDecodedAtOnce = std::size_t{64} * 1024;
	Utf16Decoder decoder(order);
	std::string decoded;
	for (; !text.empty(); text.remove_prefix(std::min(text.size(), kDecodedAtOnce))) {
		decoder.decode(text.substr(0, kDecodedAtOnce), decoded);
		(void)decoder.original_offset(decoded.size()); // else it would remember where each character stood
	}
	return decoded;
}

/// Whether it has the address, be it in HTML; UTF-16, as the rejects of such a file are, is read as that.
bool names(std::string_view text, std::string const &email)
{
	if (has_address(text, email))
		return true;
	if (email.find_first_of("&'") != std::string::npos && has_address(undo_html_escapes(text), email))
		return true;
	return text.find('\0') != std::string_view::npos && (has_address(decode_utf16(text, ByteOrder::little), email) ||
														 has_address(decode_utf16(text, ByteOrder::big), email));
}

using Texts = std::array<std::optional<std::string_view>, 6>;

/// Of rows that were read at once, those in which one of the texts has the address. What the texts take is freed with the caller's SpiConnection.
template <class Rows, class TextsOf>
std::vector<std::size_t> find_named(Rows const &rows, std::string const &email, TextsOf const &texts_of)
{
	std::vector<std::size_t> named;
	for (std::size_t i = 0; i < rows.count(); i++) {
		check_for_interrupts();
		Texts texts = call([&] { return texts_of(rows[i]); });
		if (std::any_of(texts.begin(), texts.end(),
						[&](std::optional<std::string_view> text) { return text && names(*text, email); }))
			named.push_back(i);
	}
	return named;
}

/// Calls `erase` with rows, and which of them have the address in one of their texts.
template <Statement const &statement, class TextsOf, class Erase>
std::int64_t erase_rows(Catalog const &catalog, std::string_view parameter, long at_once, std::string const &email,
						TextsOf const &texts_of, Erase const &erase)
{
	Prepared prepared;
	std::int64_t erased = 0;
	auto cursor = call([&] {
		return as_owner(catalog,
						[&] { return Cursor<statement>(prepared, {parameter}, CursorSees::what_was_committed); });
	});
	for (;;) {
		auto rows = call([&] { return cursor.fetch(at_once); });
		if (rows.count() == 0)
			break;
		{
			SpiConnection const memory;
			std::vector<std::size_t> named = find_named(rows, email, texts_of);
			if (!named.empty())
				call([&] { as_owner(catalog, [&] { erase(rows, named); }); });
			erased += static_cast<std::int64_t>(named.size());
		}
		call([&] { rows.free(); });
	}
	call([&] { cursor.close(); });
	return erased;
}

std::int64_t erase_rejects(Catalog const &catalog, std::string const &email)
{
	return erase_rows<kRejects>(
		catalog, "%@%", kRecordsAtOnce, email,
		[](auto const &row) {
			return Texts{row.text("raw_record"), row.bytes("raw_bytes"), row.text("corrected_record")};
		},
		[](auto const &rows, std::span<std::size_t const> named) {
			run<kRemoveRejects>(
				{int8_array(named.size(), [&](std::size_t i) { return rows[named[i]].int8("import_id"); }),
				 int8_array(named.size(), [&](std::size_t i) { return rows[named[i]].int8("record_number"); })});
		});
}

/// Those of that kind.
template <Statement const &erasing>
std::int64_t erase_messages(Catalog const &catalog, std::string_view kind, long at_once, std::string const &email)
{
	return erase_rows<kTexts>(
		catalog, kind, at_once, email,
		[](auto const &row) {
			return Texts{row.text("subject"),
						 row.text("body_text"),
						 row.text("body_html"),
						 row.bytes("attachment"),
						 row.text("text_without_attachment"),
						 row.text("html_without_attachment")};
		},
		[&](auto const &rows, std::span<std::size_t const> named) {
			Datum const ids = int8_array(named.size(), [&](std::size_t i) { return rows[named[i]].int8("id"); });
			lock_jobs(catalog, ids);
			run<erasing>({ids});
		});
}

ForgottenCounts forget(std::string const &address)
{
	std::string const email = require_normal_email(address);
	SpiConnection spi;
	Catalog catalog = find_catalog();
	check_allowed(catalog);
	call([&] { change_in_order(catalog); });
	suppress_address(catalog, email);
	ForgottenCounts counts;
	call([&] { remove_person(catalog, email, counts); });
	counts.rejects = erase_rejects(catalog, email);
	counts.messages += erase_messages<kRemoveTests>(catalog, "test", kMessagesAtOnce, email);
	counts.messages += erase_messages<kEraseMail>(catalog, "campaign", kCampaignMailAtOnce, email);
	counts.confirmations = erase_messages<kEraseConfirmations>(catalog, "confirmation", kMessagesAtOnce, email);
	return counts;
}

} // namespace
} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_forget)
{
	return enter([&] {
		require_argument(fcinfo, 0, "email");
		ForgottenCounts counts = forget(*text_argument(fcinfo, 0));
		return count_row(fcinfo, {counts.contacts, counts.events, counts.jobs, counts.messages, counts.rejects,
								  counts.confirmations});
	});
}
