// A judged job of a forecast as an index entry, so that many can be put in the order in which they are walked through.
#include "pg/forecast/forecast_entry.hpp"

#include "pg/base/boundary.hpp"

namespace vero::pg {
namespace {

/// Times are doubled, to have a bit for what is first: beyond any that an import knows, all are the same.
constexpr TimestampTz kLastTime = PG_INT64_MAX / 4;

ForecastEntry make_entry(std::int64_t contact_id, std::size_t campaign, TimestampTz counts_from, bool is_scheduled)
{
	TimestampTz const time = std::clamp(counts_from, -kLastTime, kLastTime);
	return {{contact_id, static_cast<std::int64_t>(campaign), time * 2 + (is_scheduled ? 0 : 1)}, {}, 0};
}

} // namespace

ForecastEntry make_forecast_entry(std::int64_t contact_id, std::size_t campaign, TimestampTz counts_from,
								  std::uint64_t order, std::uint16_t mark)
{
	ForecastEntry entry = make_entry(contact_id, campaign, counts_from, false);
	set_order(entry, order);
	entry.nulls = mark;
	return entry;
}

ForecastEntry make_scheduled_entry(std::int64_t contact_id, std::size_t campaign, TimestampTz counts_from,
								   ItemPointerData row)
{
	ForecastEntry entry = make_entry(contact_id, campaign, counts_from, true);
	entry.place = row;
	entry.nulls = kScheduled;
	return entry;
}

TimestampTz counts_from_of(ForecastEntry const &entry)
{
	return entry.key[2] >> 1;
}

std::uint64_t order_of(ForecastEntry const &entry)
{
	ItemPointerData place = entry.place;
	return (static_cast<std::uint64_t>(ItemPointerGetBlockNumberNoCheck(&place)) << 16) |
		   ItemPointerGetOffsetNumberNoCheck(&place);
}

void set_order(ForecastEntry &entry, std::uint64_t order)
{
	ItemPointerSet(&entry.place, static_cast<BlockNumber>(order >> 16), static_cast<OffsetNumber>(order & 0xFFFF));
}

std::uint16_t mark_of(Discard reason)
{
	return static_cast<std::uint16_t>(static_cast<std::uint16_t>(reason) + 1);
}

std::uint16_t mark_of(JobOutcome const &outcome)
{
	if (outcome.discard)
		return mark_of(*outcome.discard);
	return outcome.error.empty() ? 0 : kFailed;
}

void add_to_forecast(SortedEntries &entries, ForecastEntry const &entry)
{
	if (!entries.add(entry)) {
		throw Report{ERRCODE_CONFIGURATION_LIMIT_EXCEEDED,
					 "what is known of the forecast's jobs takes more than half of temp_file_limit", "",
					 "Raise temp_file_limit, or leave trigger_campaigns out of the dry run."};
	}
}

} // namespace vero::pg
