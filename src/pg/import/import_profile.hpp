// Options that are kept under a name, in vero.import_profiles.
#pragma once

#include "pg/import/import_options.hpp"

namespace vero::pg {

/// Adds to `given`, which names a profile, what the profile has and is not given. It is read as the tables' owner: who may import may use
/// every profile. Opens an SpiConnection itself. Throws Error, Report (42704) where there is no such profile.
void apply_profile(GivenOptions &given);

} // namespace vero::pg
