// The forecast of a dry run, as jsonb.
#pragma once

#include "core/report/campaign_counts.hpp"
#include "pg/base/postgres.hpp"

#include <span>

namespace vero::pg {

/// As vero.imports.forecast has it: an array with an object for each campaign. In the current memory context. Throws Error.
Datum to_jsonb(std::span<CampaignCounts const> forecast);

/// How many would be discarded for each reason that there is, as an object; nothing where there is none. In the current memory context. Throws Error.
std::optional<Datum> discarded_by_reason(CampaignCounts const &campaign);

} // namespace vero::pg
