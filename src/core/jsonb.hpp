// Writes objects of strings in the form in which PostgreSQL stores jsonb.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace vero {

struct Member {
	std::string_view key;
	std::string_view value;
	bool is_null = false; ///< null instead of the value, in write_jsonb_array only
};

/// The order in which a stored object keeps its keys: shorter ones first, then by bytes.
bool is_jsonb_key_less(std::string_view a, std::string_view b);

/// Size in bytes of the stored object, without the length word before it.
std::size_t jsonb_object_size(std::span<Member const> members);

/// Writes it: a JsonbContainer of src/include/utils/jsonb.h, in the machine's byte order. Keys are in order and differ; keys
/// and values are well-formed UTF-8 without NUL; the whole is below 256 MB. `out` is aligned to 4 bytes.
void write_jsonb_object(std::span<Member const> members, char *out);

/// A stored array of objects with `members_each` members each, to be stored at an address aligned to 4 bytes. Otherwise as above.
std::string make_jsonb_array(std::span<Member const> members, std::size_t members_each);

} // namespace vero
