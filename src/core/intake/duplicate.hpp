// The reject that a duplicate of another event becomes.
#pragma once

#include "core/intake/batch.hpp"

namespace vero {

/// Of an event with this origin, which has its raw record, in `batch`'s memory, as all of it. `message` says what it is a duplicate of.
Reject make_duplicate(EventOrigin const &origin, std::string_view message, Batch &batch);

} // namespace vero
