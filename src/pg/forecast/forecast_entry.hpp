// A judged job of a forecast as an index entry, so that many can be put in the order in which they are walked through.
#pragma once

#include "core/campaign/discard.hpp"
#include "pg/bulk/sorted_entries.hpp"
#include "pg/campaigns/job_decision.hpp"

extern "C" {
#include "datatype/timestamp.h"
}

namespace vero::pg {

/// Its key is the contact, the campaign's place, and from when it counts for cooldowns, as DueJob::counts_from has it, those that are
/// scheduled already first. Its place is the job's order, or where the row of a scheduled one is, until that is judged; its `nulls` say what
/// was judged.
using ForecastEntry = IndexEntry;

/// What is in `nulls`. The lowest bits are 0 for a mail, or kFailed, or a Discard plus one.
enum ForecastMark : std::uint16_t {
	kVerdict = 0x0F,
	kFailed = 0x0F,
	kScheduled = 0x10,	 ///< it is scheduled already, and is not yet judged
	kUncertain = 0x20,	 ///< it counts only where there is a confirmation beside it
	kConfirmation = 0x40 ///< it is one
};
static_assert(kDiscardNames.size() < kFailed);

ForecastEntry make_forecast_entry(std::int64_t contact_id, std::size_t campaign, TimestampTz counts_from,
								  std::uint64_t order, std::uint16_t mark);
/// Of a job that is scheduled already, whose row is there.
ForecastEntry make_scheduled_entry(std::int64_t contact_id, std::size_t campaign, TimestampTz counts_from,
								   ItemPointerData row);

inline std::int64_t contact_of(ForecastEntry const &entry)
{
	return entry.key[0];
}
inline std::size_t campaign_of(ForecastEntry const &entry)
{
	return static_cast<std::size_t>(entry.key[1]);
}
TimestampTz counts_from_of(ForecastEntry const &entry);
std::uint64_t order_of(ForecastEntry const &entry);
void set_order(ForecastEntry &entry, std::uint64_t order);

/// Of a job that was judged, but for its cooldown.
std::uint16_t mark_of(JobOutcome const &outcome);
std::uint16_t mark_of(Discard reason);

/// Throws Error, Report (53400) where temp_file_limit has no room for it.
void add_to_forecast(SortedEntries &entries, ForecastEntry const &entry);

} // namespace vero::pg
