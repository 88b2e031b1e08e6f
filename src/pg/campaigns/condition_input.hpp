// What a campaign's condition is judged over.
#pragma once

#include "pg/campaigns/due_jobs.hpp"

namespace vero::pg {

/// {"event": {...}, "contact": {...}} of a job whose event and contact are there, in the current memory context: their properties, and beside them what
/// the tables know, which wins over a property of the same name. Times are written for the session's time zone. Throws Error; LimitExceeded where
/// it is larger than a jsonb can be.
Jsonb *make_condition_input(DueJob const &job);

} // namespace vero::pg
