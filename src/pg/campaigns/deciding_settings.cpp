// The settings under which jobs are decided.
#include "pg/campaigns/deciding_settings.hpp"

#include "pg/base/boundary.hpp"

extern "C" {
#include "utils/guc.h"
}

namespace vero::pg {
namespace {

// Conditions see times in UTC, whatever the session's zone. Jobs are found by the index of those that wait, and changed where
// they were found, at the same cost however many others there are and whatever is known of the table: the planner would rather
// read a small one whole, for each batch.
constexpr std::array<std::array<char const *, 2>, 7> kSettings{{{"TimeZone", "UTC"},
																{"enable_seqscan", "off"},
																{"enable_bitmapscan", "off"},
																{"enable_sort", "off"},
																{"enable_hashjoin", "off"},
																{"enable_mergejoin", "off"},
																{"jit", "off"}}};

} // namespace

DecidingSettings::DecidingSettings() : level_(NewGUCNestLevel())
{
	call([] {
		for (auto const &[name, value] : kSettings)
			(void)set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	});
}

void DecidingSettings::end() const
{
	call([this] { AtEOXact_GUC(true, level_); });
}

} // namespace vero::pg
