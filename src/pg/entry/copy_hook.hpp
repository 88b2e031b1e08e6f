// Takes over COPY with FORMAT vero_csv, and nothing else.
#pragma once

#include "pg/base/hooks.hpp"

namespace vero::pg {

/// COPY vero.events FROM and COPY vero.rejected_rows TO with FORMAT vero_csv are done here; all else is passed on. A UtilityPart.
void take_over_copy(UtilityCall const &statement);

} // namespace vero::pg
