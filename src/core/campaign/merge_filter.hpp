// The filters of merge tags: which there are, what they take, what they make of a value.
#pragma once

#include "core/campaign/tag_cursor.hpp"
#include "core/text/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace vero {

/// Microseconds since 1970-01-01 00:00 UTC.
struct Instant {
	std::int64_t us;

	bool operator==(Instant const &) const = default;
};

/// What a path leads to, before and between filters; monostate: the value is missing, or null.
using MergeValue = std::variant<std::monostate, std::string, Instant>;

enum class FilterKind : std::uint8_t {
	fallback, ///< default, fallback: the argument, where the value is missing, null or the empty text
	upcase,
	downcase,
	date, ///< a time in the layout of the argument, which append_time() knows
};

struct Filter {
	FilterKind kind;
	std::string argument; ///< empty where the filter takes none

	bool operator==(Filter const &) const = default;
};

/// An argument as it stands in a tag.
struct FilterArgument {
	std::string_view text; ///< without quotes
	std::size_t offset;	   ///< of the text, in the tag
	bool is_number;		   ///< not a text in quotes
};

/// `offset` is where the name stands.
Result<Filter, TagError> make_filter(std::string_view name, std::size_t offset,
									 std::span<FilterArgument const> arguments);

/// A missing value stays missing but for `fallback`. upcase and downcase make a text of an instant. `date` takes an instant,
/// or a text that parse_event_time() reads (without an offset it is UTC), and leaves alone what is no time.
void apply_filter(Filter const &filter, MergeValue &value);

/// The value as text: nothing where it is missing, an instant as conditions see it, like 2022-01-02T03:05:00+00:00.
std::string to_text(MergeValue value);

} // namespace vero
