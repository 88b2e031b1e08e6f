// Parts of a jsonpath by themselves: its operands, and the first steps of a path.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "utils/jsonpath.h"
}

namespace vero::pg {

/// An expression inside a jsonpath, with all the steps that follow it, or with the first ones. Refers to the jsonpath. What
/// a filter's condition says of "@" cannot be evaluated by itself. Functions throw Error where the jsonpath is damaged.
struct JsonPathPart {
	JsonPath const *whole;
	JsonPathItem item;
	std::int32_t last_step = -1; ///< position of the last step that belongs to it; -1: all do

	static JsonPathPart of(JsonPath *path);

	/// The operands of what has two; of `like_regex` and `starts with` the left one is the string.
	JsonPathPart left() const;
	JsonPathPart right() const;
	/// The operand of what has one.
	JsonPathPart argument() const;
	/// Makes `step`, at first the item, the step that follows it; false where none does.
	static bool advance(JsonPathItem &step);
	/// This part as far as `step`, which is one of its steps.
	JsonPathPart until(JsonPathItem const &step) const;

	/// The part as a jsonpath, strict if the whole is, in the current memory context. To be called in call().
	JsonPath *path() const;
	/// That jsonpath as PostgreSQL writes it, without "strict", in the current memory context. To be called in call().
	char *text() const;
};

} // namespace vero::pg
