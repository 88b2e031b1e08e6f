// The operands of a condition's predicates, evaluated again one by one, and what is wrong with them.
#pragma once

#include "pg/campaigns/jsonpath_part.hpp"

extern "C" {
#include "utils/jsonb.h"
}

namespace vero::pg {

/// What a part of a condition yields over what conditions see.
struct Yield {
	Jsonb *items = nullptr; ///< an array of them; null where there was an error
	std::string error;

	/// Where it is one item, its type; object and array for these.
	std::optional<jbvType> type() const;
	/// Where it is one item, and true or false.
	std::optional<bool> boolean() const;
};

/// With errors that jsonpath suppresses in a predicate. In a subtransaction. Throws Error, as the rest here.
Yield evaluate(JsonPathPart const &part, Jsonb *input);

/// For people: `"120,50" of $."event"."amount"`; a constant as it is.
std::string describe_operand(JsonPathPart const &operand, Jsonb *input);

/// Why an operand cannot be evaluated. Nothing where it can be; empty where all that it lacks is a property.
std::optional<std::string> explain_operand(JsonPathPart const &operand, Jsonb *input);

} // namespace vero::pg
