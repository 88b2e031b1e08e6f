// Shows the mail that a campaign would write: vero.preview().
#include "pg/campaigns/preview.hpp"

#include "core/text/text.hpp"
#include "pg/base/address.hpp"
#include "pg/base/arguments.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/settings.hpp"
#include "pg/outbox/message.hpp"
#include "pg/sql/statement.hpp"

#include <algorithm>

extern "C" {
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

constexpr Statement kEvent{
	R"(
	SELECT e.id, e.contact_id, e.occurred_at
	FROM vero.events AS e
	WHERE e.id = $1
	LIMIT 1)",
	{INT8OID},
	{{"id", INT8OID}, {"contact_id", INT8OID}, {"occurred_at", TIMESTAMPTZOID}}};

constexpr Statement kLatestEvent{
	R"(
	SELECT e.id, e.contact_id, e.occurred_at
	FROM vero.contacts AS c
	JOIN vero.events AS e ON e.contact_id = c.id
	WHERE c.email = $1 AND vero.folded_name(e.name) = vero.folded_name($2)
	ORDER BY e.occurred_at DESC, e.id DESC
	LIMIT 1)",
	{TEXTOID, TEXTOID},
	{{"id", INT8OID}, {"contact_id", INT8OID}, {"occurred_at", TIMESTAMPTZOID}}};

template <class Rows> DueJob as_job(Rows const &rows, std::int64_t campaign)
{
	DueJob job{};
	call([&] {
		job.event_id = rows[0].int8("id");
		job.contact_id = rows[0].int8("contact_id");
		job.occurred_at = rows[0].timestamptz("occurred_at");
		job.campaign_id = campaign;
	});
	return job;
}

/// Its headers as they would be sent now, with a Message-ID of no message.
void add_headers(Preview &preview, bool is_transactional)
{
	CampaignMail const &mail = preview.mail;
	preview.from = mail.from_address.value_or(std::string(mail_from()));
	Message message{};
	message.is_transactional = is_transactional;
	message.recipients = {mail.recipient};
	message.from = mail.from_address;
	message.subject = mail.subject;
	message.body_text = mail.body_text;
	message.body_html = mail.body_html;
	message.message_id_header = "<preview@" + message_id_domain(mail.from_address) + ">";
	message.campaign_id = mail.campaign_id;
	message.dated_at = GetCurrentTimestamp();
	auto written = write_message(message);
	if (auto const *sent = std::get_if<SmtpMail>(&written)) {
		preview.headers = sent->message.substr(0, sent->message.find("\r\n\r\n"));
		std::erase(preview.headers, '\r');
	}
}

Datum as_row(FunctionCallInfo fcinfo, Preview const &preview)
{
	return call([&] {
		auto optional = [](std::optional<std::string> const &text) { return text ? text_datum(*text) : Datum{0}; };
		CampaignMail const &mail = preview.mail;
		Datum values[] = {text_datum(preview.from),
						  text_datum(mail.recipient),
						  text_datum(mail.subject),
						  optional(mail.body_text),
						  optional(mail.body_html),
						  text_datum(preview.headers),
						  text_array(preview.empty_tags.size(),
									 [&](std::size_t i) { return std::string_view(preview.empty_tags[i]); })};
		bool nulls[] = {preview.from.empty(),	 false, false, !mail.body_text, !mail.body_html,
						preview.headers.empty(), false};
		constexpr std::array<Oid, std::size(values)> kTypes{TEXTOID, TEXTOID, TEXTOID,	   TEXTOID,
															TEXTOID, TEXTOID, TEXTARRAYOID};
		return result_row(fcinfo, kTypes, values, nulls);
	});
}

/// Of the campaign that the first argument names, and the event that `find_job` finds for it.
Datum show(FunctionCallInfo fcinfo, FindJob find_job)
{
	return enter([&] {
		require_argument(fcinfo, 0, "campaign");
		std::string name = *text_argument(fcinfo, 0);
		Preview preview;
		{
			SpiConnection spi;
			Catalog catalog = find_catalog();
			preview = make_preview(catalog, find_job(catalog, find_campaign(catalog, name), fcinfo));
		}
		return as_row(fcinfo, preview);
	});
}

} // namespace

DueJob job_of_event(Catalog const &catalog, NamedCampaign const &campaign, FunctionCallInfo fcinfo)
{
	require_argument(fcinfo, 1, "event");
	std::int64_t const event = PG_GETARG_INT64(1);
	auto rows = call([&] { return run_as_owner<kEvent>(catalog, {event}); });
	if (rows.count() == 0)
		throw Report{ERRCODE_NO_DATA_FOUND, "event " + std::to_string(event) + " does not exist", "", ""};
	return as_job(rows, campaign.id);
}

DueJob job_of_latest(Catalog const &catalog, NamedCampaign const &campaign, FunctionCallInfo fcinfo)
{
	require_argument(fcinfo, 1, "email");
	std::string const email = require_normal_email(*text_argument(fcinfo, 1));
	auto rows = call([&] { return run_as_owner<kLatestEvent>(catalog, {email, campaign.event_name}); });
	if (rows.count() == 0) {
		throw Report{ERRCODE_NO_DATA_FOUND,
					 quote_clipped(email) + " has no event " + quote_clipped(campaign.event_name) +
						 ", which the campaign is for",
					 "", "An event of another name can be shown by its id."};
	}
	return as_job(rows, campaign.id);
}

Preview make_preview(Catalog const &catalog, DueJob job)
{
	std::vector<DueJob> jobs{std::move(job)};
	Campaigns campaigns = find_campaigns(catalog, jobs);
	DueJob *place = &jobs.front();
	(void)read_details(catalog, std::span(&place, 1));
	if (!place->error.empty())
		throw Report{ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE, "the mail cannot be written: " + place->error, "", ""};
	Preview preview;
	Campaign const &campaign = campaigns.at(place->campaign_id);
	auto mail = write_mail(*place, campaign, [&](MergeTag const &tag) { preview.empty_tags.push_back(path_of(tag)); });
	if (!mail)
		throw Report{ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE, "the mail cannot be written: " + mail.error(), "", ""};
	preview.mail = *std::move(mail);
	std::sort(preview.empty_tags.begin(), preview.empty_tags.end());
	preview.empty_tags.erase(std::unique(preview.empty_tags.begin(), preview.empty_tags.end()),
							 preview.empty_tags.end());
	add_headers(preview, campaign.is_transactional);
	return preview;
}

} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_preview_event)
{
	return show(fcinfo, job_of_event);
}

VERO_FUNCTION(vero_preview_contact)
{
	return show(fcinfo, job_of_latest);
}
