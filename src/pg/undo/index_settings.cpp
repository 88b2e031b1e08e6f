// Has statements find their rows by the tables' indexes, whatever the caller has set and the planner thinks.
#include "pg/undo/index_settings.hpp"

#include <array>

extern "C" {
#include "utils/guc.h"
}

namespace vero::pg {
namespace {

constexpr std::array<std::array<char const *, 2>, 7> kSettings{{{"enable_seqscan", "off"},
																{"enable_hashjoin", "off"},
																{"enable_mergejoin", "off"},
																{"enable_nestloop", "on"},
																{"enable_indexscan", "on"},
																{"enable_bitmapscan", "on"},
																{"jit", "off"}}};

} // namespace

void use_indexes()
{
	for (auto const &[name, value] : kSettings)
		(void)set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

} // namespace vero::pg
