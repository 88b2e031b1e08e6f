// One column of a file in words.
#pragma once

#include "core/inspect/column_survey.hpp"
#include "core/intake/columns.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vero {

struct ColumnDescription {
	std::string name; ///< as it stands in the file, shown
	std::string taken_for;
	std::uint64_t filled;
	std::string distinct; ///< a number; "about 120000" where it is estimated
	std::size_t longest;  ///< characters
	std::string type;
	std::string
		time_formats; ///< a line for each layout, with how many of the values it reads where it does not read all
	std::vector<std::string> examples;
};

/// email, event name, time, property, ignored
std::string_view name_of(Role role);

/// `times`: of the time where it stands in two columns, of which this is the first; else the column's own.
ColumnDescription describe_column(ColumnSurvey const &survey, std::string_view name, std::optional<Role> role,
								  TimeSurvey const &times);

} // namespace vero
