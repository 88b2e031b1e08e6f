// The campaigns that events trigger.
#include "pg/campaigns/campaigns.hpp"

#include "core/text/name_folding.hpp"
#include "pg/base/boundary.hpp"
#include "pg/sql/statement.hpp"

namespace vero::pg {
namespace {

// The intervals have no months: an epoch of theirs is exact.
constexpr Statement kFind{
	R"(
	SELECT c.id, c.event_name, (extract(epoch FROM c.delay) * 1000000)::int8 AS delay_us,
		(extract(epoch FROM c.grace) * 1000000)::int8 AS grace_us
	FROM vero.campaigns AS c
	WHERE c.active
	ORDER BY c.id
	FOR KEY SHARE)",
	{},
	{{"id", INT8OID}, {"event_name", TEXTOID}, {"delay_us", INT8OID}, {"grace_us", INT8OID}}};

constexpr std::int64_t kMaxDelay_us = 365 * USECS_PER_DAY;

} // namespace

std::vector<CampaignTrigger> find_active_campaigns(Catalog const &catalog)
{
	auto rows = call([&] { return run_as_owner<kFind>(catalog); });
	std::vector<CampaignTrigger> campaigns;
	for (std::size_t i = 0; i < rows.count(); i++) {
		auto row = rows[i];
		std::int64_t id, delay_us, grace_us;
		std::string_view name = call([&] {
			id = row.int8("id");
			delay_us = row.int8("delay_us");
			grace_us = row.int8("grace_us");
			return row.text("event_name").value_or("");
		});
		// as the campaigns' own checks have it, by which jobs are written unchecked
		if (delay_us < 0 || delay_us > kMaxDelay_us)
			throw Report{ERRCODE_CHECK_VIOLATION,
						 "the delay of campaign " + std::to_string(id) + " is not one of 0 to 365 days", "", ""};
		campaigns.push_back({id, fold_name(name), {delay_us, grace_us}});
	}
	return campaigns;
}

} // namespace vero::pg
