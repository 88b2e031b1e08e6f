// Finds header and records of a file whose header the import does not understand.
#pragma once

#include "core/inspect/column_survey.hpp"
#include "core/intake/header_search.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vero {

/// The encoding that bytes which are not understood may have; none for what is another format, not a text.
std::optional<std::string> guess_encoding(std::string_view first_bytes);

/// The header, as it seems, and what stands in the first records below it.
struct HeaderSample {
	char delimiter;
	std::uint64_t header_line;
	std::vector<std::string> names;
	std::vector<ColumnSurvey> columns;
};

/// Reads them with the delimiter, and behind the header, with which most of them have an address in one column; nothing where none has.
std::optional<HeaderSample> find_header_sample(FileBeginning const &beginning);

/// True where the first line has an address, so that it is no header.
bool begins_with_record(FileBeginning const &beginning);

} // namespace vero
