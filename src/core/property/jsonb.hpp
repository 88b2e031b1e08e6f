// Writes objects and arrays in the form in which PostgreSQL stores jsonb.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace vero {

/// Parts of the form, as src/include/utils/jsonb.h has them.
namespace jsonb_form {
constexpr std::uint32_t kObjectFlag = 0x20000000; ///< JB_FOBJECT
constexpr std::uint32_t kArrayFlag = 0x40000000;  ///< JB_FARRAY
constexpr std::uint32_t kMaxCount = 0x0FFFFFFF;	  ///< JB_CMASK: of members, or of elements
constexpr std::uint32_t kMaxSize = 0x0FFFFFFF;	  ///< JENTRY_OFFLENMASK: of all data of a container, in bytes
constexpr std::uint32_t kHasOffset = 0x80000000;  ///< JENTRY_HAS_OFF: the entry holds its end, not its length
constexpr std::uint32_t kOffsetStride = 32;		  ///< JB_OFFSET_STRIDE
} // namespace jsonb_form

/// What a stored value is: the type bits of its entry.
enum class JsonbType : std::uint32_t {
	string = 0,				///< JENTRY_ISSTRING: well-formed UTF-8 without NUL
	number = 0x10000000,	///< JENTRY_ISNUMERIC: as append_numeric() makes it
	is_false = 0x20000000,	///< JENTRY_ISBOOL_FALSE: without data, as the two below
	is_true = 0x30000000,	///< JENTRY_ISBOOL_TRUE
	null = 0x40000000,		///< JENTRY_ISNULL
	container = 0x50000000, ///< JENTRY_ISCONTAINER: an object or array as it is written here
};

struct Member {
	std::string_view key;
	std::string_view value;
	JsonbType type = JsonbType::string;
};

/// The order in which a stored object keeps its keys: shorter ones first, then by bytes.
bool is_jsonb_key_less(std::string_view a, std::string_view b);

/// Size in bytes of the stored object, without the length word before it. There are kMaxCount members at most. Throws LimitExceeded
/// where they are too large to be stored.
std::size_t jsonb_object_size(std::span<Member const> members);

/// Writes it: a JsonbContainer, in the machine's byte order. Keys are in order and differ, and are well-formed UTF-8 without NUL.
/// `out` has room for jsonb_object_size() bytes, and is aligned to 4.
void write_jsonb_object(std::span<Member const> members, char *out);

// The same for an array of the members' values.
std::size_t jsonb_list_size(std::span<Member const> elements);
void write_jsonb_list(std::span<Member const> elements, char *out);

// The same for an array of objects with `members_each` members each.
std::size_t jsonb_array_size(std::span<Member const> members, std::size_t members_each);
void write_jsonb_array(std::span<Member const> members, std::size_t members_each, char *out);

} // namespace vero
