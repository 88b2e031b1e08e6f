// What becomes of a duplicate of another event.
#pragma once

#include "core/intake/batch.hpp"

namespace vero {

/// What becomes of a record whose event is stored already, or stands earlier in the file.
enum class OnDuplicate : unsigned char { insert, skip, reject };

/// The reject of an event with this origin, which has its raw record, in `batch`'s memory, as all of it. `message` says what it is a duplicate of.
Reject make_duplicate(EventOrigin const &origin, std::string_view message, Batch &batch);

} // namespace vero
