// What was decided of due jobs, and how it is stored.
#pragma once

#include "pg/campaigns/decide_jobs.hpp"
#include "pg/campaigns/due_jobs.hpp"
#include "pg/outbox/outbox.hpp"

namespace vero::pg {

/// Why a job is discarded when it is due.
enum class Discard : unsigned char {
	campaign_inactive,
	contact_deleted,
	event_deleted,
	unsubscribed,
	condition_false,
	cooldown,
};

/// As vero.trigger_jobs.reason has them; the table's constraint (src/schema/trigger_jobs.sql, src/pg/sql/own_tables.cpp) has the same.
constexpr std::array<std::string_view, 6> kDiscardNames{"campaign_inactive", "contact_deleted", "event_deleted",
														"unsubscribed",		 "condition_false", "cooldown"};
static_assert(kDiscardNames.size() == static_cast<std::size_t>(Discard::cooldown) + 1);

/// What is decided of a job. It is discarded, or it fails, or it has a mail: exactly one of the three members says so.
struct JobOutcome {
	std::optional<Discard> discard;
	std::string error;				  ///< not empty: it fails
	std::optional<CampaignMail> mail; ///< goes into the outbox
};

/// Writes the mail of `jobs` into vero.messages and the decisions into vero.trigger_jobs, as the owner. `outcomes` belong to `jobs` by
/// their places. Needs an SpiConnection. Throws Error.
JobCounts store_outcomes(Catalog const &catalog, std::span<DueJob const> jobs, TimestampTz now,
						 std::span<JobOutcome const> outcomes);

} // namespace vero::pg
