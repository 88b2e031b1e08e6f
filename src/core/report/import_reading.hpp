// What an import took for what: which columns, names and times it read, and how.
#pragma once

#include "core/intake/columns.hpp"
#include "core/intake/reading_counts.hpp"
#include "core/time/time_layout.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace vero {

/// So many names of events are told, with their counts.
constexpr std::size_t kToldNames = 5;

/// So many times were read in this layout.
struct ReadTimes {
	std::string layout; ///< "ISO 8601", or as time_formats has it
	std::uint64_t times = 0;
};

/// Nearly each record has a name of its own, which is no event's name as a rule.
struct NamesDoubt {
	std::uint64_t names = 0; ///< at least so many where not all were told apart
	bool are_all_counted = true;
	std::uint64_t records = 0; ///< rejects too
};

/// Columns are named as messages show them.
struct ImportReading {
	std::string email;
	std::vector<std::string> time;		   ///< one column, or two
	std::optional<std::string> event_name; ///< none: the option names all events
	std::vector<std::string> ignored;	   ///< told to be left out; the first kListedColumns
	std::size_t ignored_columns = 0;	   ///< all of them

	std::string delimiter;
	std::string encoding;
	std::string compression; ///< "none" too
	std::string time_zone;	 ///< of times without an offset

	std::vector<ReadTimes> times;	  ///< ISO 8601, and those of time_formats
	std::vector<NameCount> names;	  ///< the kToldNames most frequent ones
	std::uint64_t distinct_names = 0; ///< of events; at least so many where not all were told apart
	bool are_all_names_counted = true;
	std::uint64_t events = 0;
	std::optional<NamesDoubt> doubt;

	std::uint64_t blank_records = 0; ///< passed over
	std::uint64_t padded_records = 0;
	std::uint64_t overlong_records = 0;
	std::uint64_t trimmed_cells = 0;

	static constexpr std::size_t kListedColumns = 10;
};

/// All of it but how the file was opened, and the blank records. `targets` are those of the option `columns`.
ImportReading make_reading(Header const &header, ReadingCounts const &counts, std::span<TimeLayout const> layouts,
						   std::span<ColumnTarget const> targets);

/// The names with most events, the first ones first.
std::vector<NameCount> most_frequent(std::vector<NameCount> counts, std::size_t most);

} // namespace vero
