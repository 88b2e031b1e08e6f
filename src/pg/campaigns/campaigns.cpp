// The campaigns that events trigger.
#include "pg/campaigns/campaigns.hpp"

#include "core/text/name_folding.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/spi.hpp"

namespace vero::pg {
namespace {

// The intervals have no months: an epoch of theirs is exact.
constexpr char const *kFind =
	"SELECT c.id, c.event_name,"
	" (pg_catalog.\"extract\"('epoch', c.delay) OPERATOR(pg_catalog.*) 1000000)::pg_catalog.int8,"
	" (pg_catalog.\"extract\"('epoch', c.grace) OPERATOR(pg_catalog.*) 1000000)::pg_catalog.int8"
	" FROM vero.campaigns AS c WHERE c.active ORDER BY c.id FOR KEY SHARE";

constexpr std::int64_t kMaxDelay_us = 365 * USECS_PER_DAY;

} // namespace

std::vector<CampaignTrigger> find_active_campaigns(Catalog const &catalog)
{
	std::size_t count = call([&] {
		execute_as(catalog.owner, kFind, {}, nullptr, SPI_OK_SELECT);
		return SPI_processed;
	});
	SPITupleTable *rows = SPI_tuptable;
	std::vector<CampaignTrigger> campaigns;
	for (std::size_t row = 0; row < count; row++) {
		std::array<std::int64_t, 3> numbers;
		std::string_view name = call([&] {
			numbers = {int8_value(rows, row, 1), int8_value(rows, row, 3), int8_value(rows, row, 4)};
			return text_value(rows, row, 2).value_or("");
		});
		// as the campaigns' own checks have it, by which jobs are written unchecked
		if (numbers[1] < 0 || numbers[1] > kMaxDelay_us)
			throw Report{ERRCODE_CHECK_VIOLATION,
						 "the delay of campaign " + std::to_string(numbers[0]) + " is not one of 0 to 365 days", "",
						 ""};
		campaigns.push_back({numbers[0], fold_name(name), {numbers[1], numbers[2]}});
	}
	return campaigns;
}

} // namespace vero::pg
