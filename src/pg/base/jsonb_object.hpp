// Reads and builds small jsonb values.
#pragma once

#include "core/property/jsonb.hpp"
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

/// Builds an object, member by member: of two with the same key the last one counts.
class JsonbObject {
public:
	JsonbObject();
	void add(std::string_view key, std::string_view text) { add(key, text, JsonbType::string); }
	void add(std::string_view key, std::span<std::string const> texts);
	void add_null(std::string_view key) { add(key, {}, JsonbType::null); }
	void add_boolean(std::string_view key, bool value)
	{
		add(key, {}, value ? JsonbType::is_true : JsonbType::is_false);
	}
	/// Throws Error.
	void add_number(std::string_view key, std::int64_t value);
	/// A jsonb object as it is. Throws Error.
	void add(std::string_view key, Datum object);
	/// In the current memory context. Throws Error, or LimitExceeded.
	Datum finish();

private:
	/// Where its bytes stand in bytes_.
	struct Place {
		std::size_t start;
		std::size_t size;
	};
	struct Kept {
		Place key;
		Place value;
		JsonbType type;
	};

	Place keep(std::string_view bytes);
	std::string_view at(Place place) const { return std::string_view(bytes_).substr(place.start, place.size); }
	void add(std::string_view key, std::string_view value, JsonbType type);

	std::string bytes_;
	std::vector<Kept> members_;
};

} // namespace vero::pg
