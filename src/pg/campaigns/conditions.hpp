// Judges the conditions of campaigns over the events and contacts of jobs that are due.
#pragma once

#include "pg/campaigns/due_jobs.hpp"

namespace vero::pg {

/// Judges the condition of each job that has one, in the order of the jobs; one that cannot be judged, not within
/// vero_events.condition_timeout, or that is neither true nor false (find_condition_fault), is an error of its job alone. Says how many jobs
/// are done with: where several took their time, the rest is left for another transaction. `number_exceeded` counts those of all calls of a
/// transaction. Throws Error.
std::size_t judge_conditions(std::span<DueJob> jobs, int &number_exceeded);

} // namespace vero::pg
