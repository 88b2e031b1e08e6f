// The forecast of a dry run, as jsonb.
#include "pg/import/forecast_json.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/jsonb_object.hpp"
#include "pg/base/timestamp.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "utils/datetime.h"
#include "utils/json.h"
}

namespace vero::pg {
namespace {

Datum list_of(std::vector<Datum> const &objects)
{
	std::vector<Member> elements;
	for (Datum object : objects) {
		auto *jsonb = reinterpret_cast<Jsonb *>(DatumGetPointer(object));
		elements.push_back(
			{{}, {reinterpret_cast<char const *>(&jsonb->root), VARSIZE(jsonb) - VARHDRSZ}, JsonbType::container});
	}
	std::size_t size = jsonb_list_size(elements);
	auto *list = static_cast<Jsonb *>(call([size] { return palloc(VARHDRSZ + size); }));
	SET_VARSIZE(list, VARHDRSZ + size);
	write_jsonb_list(elements, reinterpret_cast<char *>(&list->root));
	return JsonbPGetDatum(list);
}

std::string time_text(std::int64_t time_us)
{
	char text[MAXDATELEN + 1];
	call([&] { JsonEncodeDateTime(text, TimestampTzGetDatum(to_timestamptz(time_us)), TIMESTAMPTZOID, nullptr); });
	return text;
}

/// Of the reasons that there are.
Datum discarded_of(CampaignCounts const &campaign)
{
	JsonbObject object;
	for (std::size_t i = 0; i < kDiscardNames.size(); i++) {
		if (campaign.discarded[i] > 0)
			object.add_number(kDiscardNames[i], campaign.discarded[i]);
	}
	return object.finish();
}

Datum busiest_contacts(CampaignCounts const &campaign)
{
	std::vector<Datum> contacts;
	for (BusyContact const &contact : campaign.busiest) {
		JsonbObject object;
		if (contact.email.empty()) {
			object.add_null("email");
		} else {
			object.add("email", contact.email);
		}
		object.add_number("mails", contact.mails);
		contacts.push_back(object.finish());
	}
	return list_of(contacts);
}

Datum describe(CampaignCounts const &campaign)
{
	JsonbObject object;
	object.add_number("campaign_id", campaign.campaign_id);
	object.add("campaign", campaign.name);
	object.add_number("sent_now", campaign.now);
	object.add_number("sent_later", campaign.later);
	if (campaign.later > 0) {
		object.add("first_due", time_text(campaign.first_due_us));
		object.add("last_due", time_text(campaign.last_due_us));
	}
	object.add("discarded", discarded_of(campaign));
	object.add_number("failed", campaign.failed);
	object.add_number("contacts", campaign.contacts);
	object.add("busiest", busiest_contacts(campaign));
	return object.finish();
}

} // namespace

Datum to_jsonb(std::span<CampaignCounts const> forecast)
{
	std::vector<Datum> campaigns;
	for (CampaignCounts const &campaign : forecast)
		campaigns.push_back(describe(campaign));
	return list_of(campaigns);
}

std::optional<Datum> discarded_by_reason(CampaignCounts const &campaign)
{
	bool const is_any =
		std::any_of(campaign.discarded.begin(), campaign.discarded.end(), [](std::int64_t count) { return count > 0; });
	return is_any ? std::optional(discarded_of(campaign)) : std::nullopt;
}

} // namespace vero::pg
