// Reads a merge tag in Liquid's syntax, what stands between {{ and }}: a path and the filters behind it.
#pragma once

#include "core/campaign/merge_filter.hpp"
#include "core/campaign/tag_cursor.hpp"
#include "core/text/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace vero {

constexpr std::size_t kMaxTagFilters = 32;
constexpr std::size_t kMaxPathSteps = 16; // behind the root, as written

/// One step down into a JSON value: an object's member by its key, or an array's element by its index (from 0; negative
/// ones count from the end).
using PathStep = std::variant<std::string, std::int32_t>;

/// What a path leads to.
enum class MergeField : std::uint8_t {
	event_name,		   ///< event.name
	event_occurred_at, ///< event.occurred_at
	event_property,	   ///< event.KEY, or event.properties.KEY for keys that mean something else
	contact_email,	   ///< contact.email
	contact_property,  ///< contact.KEY, or contact.properties.KEY
};

struct MergeTag {
	MergeField field;
	std::vector<PathStep> steps; ///< of a property, and then the first is a key
	std::vector<Filter> filters;

	bool operator==(MergeTag const &) const = default;
};

/// `content` is well-formed UTF-8:
///
///     path | filter | filter: argument | ...
///
/// A path is `event` or `contact` and steps `.key`, `["key"]`, `['key']` or `[index]`. A key behind a dot is of letters
/// (any language's), digits, `_` and `-`. An argument is a text in quotes, in which nothing is escaped, or a number.
/// White space is allowed between all of them. Filters are default (or fallback), upcase, downcase and date.
Result<MergeTag, TagError> parse_merge_tag(std::string_view content);

/// Its path as it may be written, without the filters: event.item_type, contact["First name"].
std::string path_of(MergeTag const &tag);

} // namespace vero
