// The filters of merge tags: which there are, what they take, what they make of a value.
#include "core/campaign/merge_filter.hpp"

#include "core/text/character.hpp"
#include "core/text/text.hpp"
#include "core/time/event_time.hpp"
#include "core/time/time_format.hpp"
#include "core/time/utc_time.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace vero {
namespace {

enum class Takes : unsigned char { nothing, text, text_or_number };

struct FilterForm {
	std::string_view name;
	FilterKind kind;
	Takes takes;
	std::string_view example; ///< with its argument
};

constexpr std::array<FilterForm, 5> kFilters{{
	{"date", FilterKind::date, Takes::text, R"(date: "%d %B %Y")"},
	{"default", FilterKind::fallback, Takes::text_or_number, R"(default: "there")"},
	{"downcase", FilterKind::downcase, Takes::nothing, ""},
	{"fallback", FilterKind::fallback, Takes::text_or_number, R"(fallback: "there")"},
	{"upcase", FilterKind::upcase, Takes::nothing, ""},
}};

tl::unexpected<TagError> unknown_filter(std::string_view name, std::size_t offset)
{
	std::string list;
	for (auto const &form : kFilters)
		list += (list.empty() ? "" : ", ") + std::string(form.name);
	return tl::make_unexpected(TagError{offset, "unknown filter " + shown(name), "Known filters: " + list + "."});
}

tl::unexpected<TagError> wrong_arguments(FilterForm const &form, std::size_t offset, std::string const &takes)
{
	return tl::make_unexpected(
		TagError{offset, "filter " + shown(form.name) + " takes " + takes,
				 form.example.empty() ? "" : "Write it like this: " + std::string(form.example) + "."});
}

/// The `%` at `at` and the letter behind it, maybe with a `-` between them.
std::string_view directive_at(std::string_view layout, std::size_t at)
{
	auto end = at + (layout.substr(at + 1).starts_with('-') ? 2 : 1);
	if (end < layout.size())
		end += decode_utf8(layout, end).length;
	return layout.substr(at, end - at);
}

Result<void, TagError> check_layout(FilterArgument const &layout)
{
	if (layout.text.empty())
		return tl::make_unexpected(TagError{layout.offset, "layout of filter \"date\" is empty", ""});
	auto const unknown = find_unknown_time_letter(layout.text);
	if (!unknown)
		return {};
	return tl::make_unexpected(
		TagError{layout.offset + *unknown,
				 "unknown letter " + shown(directive_at(layout.text, *unknown)) + " in the layout of filter \"date\"",
				 "Known letters: " + std::string(kTimeLetters) + "."});
}

std::optional<Instant> to_instant(MergeValue const &value)
{
	if (auto const *const instant = std::get_if<Instant>(&value))
		return *instant;
	auto const *const text = std::get_if<std::string>(&value);
	auto const parsed = text != nullptr ? parse_event_time(trim(*text), utc_zone()) : std::nullopt;
	return parsed ? std::optional(Instant{*parsed}) : std::nullopt;
}

void map_text(MergeValue &value, void (*append)(std::string &, std::string_view))
{
	if (std::holds_alternative<std::monostate>(value))
		return;
	std::string mapped;
	append(mapped, to_text(std::move(value)));
	value = std::move(mapped);
}

} // namespace

Result<Filter, TagError> make_filter(std::string_view name, std::size_t offset,
									 std::span<FilterArgument const> arguments)
{
	auto const *const form = std::find_if(kFilters.begin(), kFilters.end(),
										  [name](FilterForm const &candidate) { return candidate.name == name; });
	if (form == kFilters.end())
		return unknown_filter(name, offset);
	if (form->takes == Takes::nothing) {
		if (!arguments.empty())
			return wrong_arguments(*form, offset, "no argument");
		return Filter{form->kind, {}};
	}
	if (arguments.size() != 1)
		return wrong_arguments(*form, offset, "one argument");
	if (form->takes == Takes::text && arguments[0].is_number)
		return wrong_arguments(*form, offset, "a text in quotes");
	if (form->kind == FilterKind::date) {
		if (auto checked = check_layout(arguments[0]); !checked)
			return tl::make_unexpected(std::move(checked.error()));
	}
	return Filter{form->kind, std::string(arguments[0].text)};
}

void apply_filter(Filter const &filter, MergeValue &value)
{
	switch (filter.kind) {
	case FilterKind::fallback:
		if (auto const *const text = std::get_if<std::string>(&value);
			std::holds_alternative<std::monostate>(value) || (text != nullptr && text->empty()))
			value = filter.argument;
		break;
	case FilterKind::upcase:
		map_text(value, append_upper);
		break;
	case FilterKind::downcase:
		map_text(value, append_lower);
		break;
	case FilterKind::date:
		if (auto const instant = to_instant(value)) {
			std::string text;
			append_time(text, instant->us, filter.argument);
			value = std::move(text);
		}
		break;
	}
}

std::string to_text(MergeValue value)
{
	std::string text;
	if (auto *const held = std::get_if<std::string>(&value)) {
		text = std::move(*held);
	} else if (auto const *const instant = std::get_if<Instant>(&value)) {
		text = format_iso(instant->us);
	}
	return text;
}

} // namespace vero
