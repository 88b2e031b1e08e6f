// Why a campaign's condition is neither true nor false for a job.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "utils/jsonb.h"
#include "utils/jsonpath.h"
}

namespace vero::pg {

/// To be asked where the first item that `condition` yields over `input` is null: inside comparisons and other predicates jsonpath
/// suppresses errors, and calls the outcome unknown. Says in words what cannot be compared or computed, with the value and the path,
/// found by evaluating the operands again. Empty where nothing but a property that is missing is the cause, or where null is a value that
/// was found. Begins subtransactions. Throws Error.
std::string find_condition_fault(JsonPath *condition, Jsonb *input);

/// To be asked where the condition itself gives an error, as its outermost part is no predicate: the value and the path as well. Empty where
/// the error says more. The same holds of it.
std::string find_condition_error(JsonPath *condition, Jsonb *input);

} // namespace vero::pg
