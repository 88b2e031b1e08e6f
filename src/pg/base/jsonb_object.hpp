// Reads and builds small jsonb values.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "utils/jsonb.h"
}

namespace vero::pg {

struct JsonbMember {
	std::string key;
	std::vector<std::string> texts; ///< of a text one, of an array all, of null none
};

/// The members of an object of texts, arrays of texts that are not empty, and nulls. Throws Report (22023) naming `option` where it is anything else.
std::vector<JsonbMember> read_jsonb_object(Datum jsonb, char const *option);

/// Builds an object, member by member. All memory is the current context's. Throws Error.
class JsonbObject {
public:
	JsonbObject();
	void add(std::string_view key, std::string_view text);
	void add(std::string_view key, std::span<std::string const> texts);
	void add_null(std::string_view key);
	void add_boolean(std::string_view key, bool value);
	void add_number(std::string_view key, std::int64_t value);
	/// A jsonb value as it is.
	void add(std::string_view key, Datum jsonb);
	Datum finish();

private:
	JsonbParseState *state_ = nullptr;
};

} // namespace vero::pg
