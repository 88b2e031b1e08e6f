// The forecast of a dry run, as jsonb.
#pragma once

#include "core/report/campaign_counts.hpp"
#include "pg/base/postgres.hpp"

#include <span>

namespace vero::pg {

/// As vero.imports.forecast has it: an array with an object for each campaign. In the current memory context. Throws Error.
Datum to_jsonb(std::span<CampaignCounts const> forecast);

} // namespace vero::pg
