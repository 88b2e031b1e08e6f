// Looks through the first lines of a file whose header was not understood, for what helps.
#pragma once

#include "core/csv/dialect.hpp"
#include "core/csv/record_reader.hpp"
#include "core/intake/columns.hpp"
#include "core/text/option_words.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vero {

/// Bytes of a file's beginning that are looked through.
constexpr std::size_t kSearchedSize = std::size_t{64} * 1024;
/// Lines behind the first that are looked at.
constexpr std::uint64_t kSearchedLines = 20;

/// The beginning of a file, and how it is read.
struct FileBeginning {
	std::string text;			  ///< UTF-8 without a mark; it may end anywhere
	Dialect dialect;			  ///< all of it but the delimiter
	std::vector<char> delimiters; ///< that may be the file's
	std::uint64_t skipped_lines;  ///< before what was taken for the header
	std::size_t max_record_size;
	std::vector<ColumnTarget> targets;
	bool has_event_name;
	Notation notation;
	bool is_whole = false; ///< the text is all of the file
};

/// True for an address or a time, which no header has.
bool is_value(std::string_view cell);

/// The number of the first line, of the kSearchedLines behind the first one, that has an email column and no values; nothing if there is
/// none.
std::optional<std::uint64_t> find_header_below(FileBeginning const &beginning);

/// True where each of the first records is one cell in quotes in which a delimiter stands.
bool are_lines_quoted(FileBeginning const &beginning);

/// What the values of a column are, as far as the first records tell.
struct ColumnValues {
	std::size_t filled = 0;
	std::size_t emails = 0;
	std::size_t times = 0;
};

/// The values of the first `columns` columns under a delimiter, behind the header if there `has_header`.
std::vector<ColumnValues> look_at_values(FileBeginning const &beginning, char delimiter, std::size_t columns,
										 bool has_header);

} // namespace vero
