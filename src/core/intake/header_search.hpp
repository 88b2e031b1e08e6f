// Looks through the first lines of a file whose header was not understood, for what helps.
#pragma once

#include "core/csv/dialect.hpp"
#include "core/csv/record_reader.hpp"
#include "core/intake/columns.hpp"

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
};

/// The number of the first line, of the kSearchedLines behind the first one, that has an email column and no values; nothing if there is
/// none.
std::optional<std::uint64_t> find_header_below(FileBeginning const &beginning);

} // namespace vero
