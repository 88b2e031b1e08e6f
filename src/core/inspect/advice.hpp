// Which options would read a file better, and what only somebody who knows the file can say.
#pragma once

#include "core/inspect/file_survey.hpp"
#include "core/inspect/header_sample.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace vero {

/// Options that are certain, to be added to those that are there; warnings about what they, or the file's own names, take for granted; and
/// questions.
struct Advice {
	std::optional<char> delimiter = {};
	std::optional<std::uint64_t> skip_lines = {};
	std::vector<ColumnTarget> columns = {};
	std::optional<std::string> event_name = {};
	std::vector<std::string> time_formats = {};
	std::optional<std::string> encoding = {};
	bool null_padding = false;
	std::vector<std::string> warnings = {};
	std::vector<std::string> questions = {};

	bool has_options() const
	{
		return delimiter || skip_lines || !columns.empty() || event_name || !time_formats.empty() || encoding ||
			   null_padding;
	}
};

/// What would make the header of such a file understood, or comes nearer to that. `events` is what events may be called that no column names.
Advice advise_on_header(FileBeginning const &beginning, HeaderSample const &first, std::string const &events);

/// What there is to say where there is no such sample.
Advice advise_without_header(FileBeginning const &beginning);

/// What the options were when a file was read.
struct GivenReading {
	std::span<std::string const> names; ///< of the columns, as they stand in the file
	std::span<ColumnTarget const> targets;
	std::string events; ///< what they may be called that no column names
	bool null_padding = false;
	bool names_time = false; ///< whoever looks has said which column is the time
};

/// What the values say of the options with which they were read.
Advice advise_on_reading(FileSurvey const &survey, GivenReading const &given);

/// The options `property_types` and `decimal_mark`, where values leave no doubt.
struct TypeAdvice {
	std::vector<std::pair<std::string, std::string>> types; ///< of columns, by their names in the file
	std::optional<char> decimal_mark = {};
};
TypeAdvice advise_on_types(std::span<ColumnSurvey const> columns, Header const &header,
						   std::span<std::string const> names);

/// The question that is left where nothing names the events, so that they would be called `events`.
std::string ask_what_events_are(std::string const &events, std::span<std::string const> names);

/// Two layouts as the question that they are.
std::string ask_which_layout(LayoutDoubt const &doubt, std::uint64_t values);

/// `"Created at"`: as a message shows a column; without a name it is `column 3`.
std::string show_column(std::span<std::string const> names, std::size_t column);

} // namespace vero
