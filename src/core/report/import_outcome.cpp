// What became of an import, in one value for all who tell it.
#include "core/report/import_outcome.hpp"

namespace vero {

std::string_view ImportOutcome::state_name() const
{
	if (state == ImportState::failed) {
		return "failed";
	}
	if (is_dry_run) {
		return "dry_run";
	}
	return state == ImportState::completed ? "completed" : "completed_with_rejects";
}

} // namespace vero
