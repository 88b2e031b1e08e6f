// One column of a file in words.
#include "core/inspect/column_description.hpp"

#include "core/text/text.hpp"
#include "core/text/visible_text.hpp"

namespace vero {
namespace {

std::string type_of(ColumnSurvey const &survey)
{
	switch (survey.kind()) {
	case ValueKind::none:
		return "empty";
	case ValueKind::email:
		return "email";
	case ValueKind::time:
		return "time";
	case ValueKind::boolean:
		return "boolean";
	case ValueKind::integer:
		return "integer";
	case ValueKind::json:
		return "json";
	case ValueKind::text:
		return "text";
	case ValueKind::number:
		break;
	}
	NumberForm const form = survey.numbers().form();
	return form == NumberForm::comma   ? "number, 1.234,5"
		   : form == NumberForm::point ? "number, 1,234.5"
		   : form == NumberForm::plain ? "number"
									   : "number, 1.234 or 1234";
}

/// Two digits of an estimate are worth telling.
std::uint64_t round_estimate(std::uint64_t count)
{
	std::uint64_t unit = 1;
	while (count / unit >= 100)
		unit *= 10;
	return (count + unit / 2) / unit * unit;
}

constexpr std::size_t kMostLayouts = 5; // that are told

std::string list_layouts(TimeSurvey const &times)
{
	std::string list;
	std::vector<LayoutCount> const counts = times.counts();
	for (std::size_t i = 0; i < counts.size() && i < kMostLayouts; i++) {
		list += (i == 0 ? "" : "\n") + counts[i].layout;
		if (counts[i].values < times.values())
			list += " (" + std::to_string(counts[i].values) + " of " + std::to_string(times.values()) + ")";
	}
	return list + (counts.size() > kMostLayouts ? "\n..." : "");
}

/// Whether it says something of the column that it has times, and not only numbers that may be seconds.
bool has_times(ColumnSurvey const &survey, std::optional<Role> role)
{
	if (role == Role::time)
		return true;
	return survey.has_times() && survey.numbers().form() == NumberForm::no_numbers;
}

} // namespace

std::string_view name_of(Role role)
{
	switch (role) {
	case Role::email:
		return "email";
	case Role::event_name:
		return "event name";
	case Role::time:
	case Role::clock:
		return "time";
	case Role::property:
		return "property";
	case Role::ignored:
	case Role::unnamed:
		break;
	}
	return "ignored";
}

ColumnDescription describe_column(ColumnSurvey const &survey, std::string_view name, std::optional<Role> role,
								  TimeSurvey const &times)
{
	ColumnDescription described{clip_printable(name),
								role ? std::string(name_of(*role)) : "",
								survey.filled(),
								{},
								survey.longest(),
								type_of(survey),
								{},
								{}};
	for (std::string const &example : survey.examples())
		described.examples.push_back(to_visible(example));
	std::uint64_t const count = survey.distinct().count();
	described.distinct =
		survey.distinct().is_estimate() ? "about " + std::to_string(round_estimate(count)) : std::to_string(count);
	if (has_times(survey, role))
		described.time_formats = list_layouts(times);
	return described;
}

} // namespace vero
