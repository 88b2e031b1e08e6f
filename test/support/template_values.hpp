// What templates are tested with: an event and a contact, and a template compiled and rendered in one step.
#pragma once

#include "core/campaign/template.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace vero::test {

/// Properties by the name of the first step.
inline FindProperty find_in(std::string name, std::string value)
{
	return [name = std::move(name), value = std::move(value)](std::span<PathStep const> steps) {
		bool const is_found = steps.size() == 1 && steps[0] == PathStep(name);
		return is_found ? std::optional(value) : std::nullopt;
	};
}

inline MergeValues example_values()
{
	return {.event_name = "Completes checkout",
			.event_occurred_at = {1'641'092'700'000'000}, // 2022-01-02 03:05:00 UTC
			.contact_email = "ada@example.com",
			.find_event_property = find_in("item_type", "yellow_shirt"),
			.find_contact_property = find_in("first_name", "Ada")};
}

/// With the one property of the event.
inline MergeValues values_with(std::string item_type)
{
	auto values = example_values();
	values.find_event_property = find_in("item_type", std::move(item_type));
	return values;
}

/// The text, or why there is none.
inline std::string rendered(std::string_view source, TemplatePart part, MergeValues const &values)
{
	auto const compiled = compile_template(source, part);
	if (!compiled) {
		return "refused: " + compiled.error().message;
	}
	auto const result = render(*compiled, values);
	return result ? *result : "failed: " + result.error();
}

inline std::string rendered(std::string_view source)
{
	return rendered(source, TemplatePart::text, example_values());
}

inline std::string item_in(TemplatePart part, std::string const &value)
{
	return rendered("[{{ event.item_type }}]", part, values_with(value));
}

inline std::string repeated(std::string_view text, std::size_t times)
{
	std::string out;
	out.reserve(text.size() * times);
	for (std::size_t i = 0; i < times; ++i) {
		out += text;
	}
	return out;
}

/// How long `work` takes.
template <typename Work> std::chrono::milliseconds time_of(Work work)
{
	auto const start = std::chrono::steady_clock::now();
	work();
	return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
}

} // namespace vero::test
