// Why an event gets no mail of a campaign that is for events of its name.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace vero {

/// The first two are found when its import gives it a job, the others when that is due.
enum class Discard : unsigned char {
	future_event,
	overdue,
	campaign_inactive,
	contact_deleted,
	event_deleted,
	unsubscribed,
	condition_false,
	suppressed,
	cooldown,
};

/// As vero.trigger_jobs.reason has them; the table's constraint (src/schema/trigger_jobs.sql, src/pg/sql/own_tables.cpp) has the same.
constexpr std::array<std::string_view, 9> kDiscardNames{"future_event",	   "overdue",		"campaign_inactive",
														"contact_deleted", "event_deleted", "unsubscribed",
														"condition_false", "suppressed",	"cooldown"};
static_assert(kDiscardNames.size() == static_cast<std::size_t>(Discard::cooldown) + 1);

} // namespace vero
