// What is counted of a file while it is read, beside its records.
#pragma once

#include "core/intake/name_counts.hpp"

#include <cstdint>
#include <vector>

namespace vero {

struct ReadingCounts {
	NameCounts names;							  ///< of the events
	NameCounts rejected_names;					  ///< of the rejects, where the column of names has one
	std::uint64_t iso_times = 0;				  ///< that were read as ISO 8601
	std::vector<std::uint64_t> layout_times = {}; ///< by each of the layouts of `time_formats`
	/// Emails, event names and times from which something was taken that is not seen; spaces and tabs do not count.
	std::uint64_t trimmed_cells = 0;
	std::uint64_t padded_records = 0;	///< short of cells at their end, which null_padding filled up
	std::uint64_t overlong_records = 0; ///< with blank cells beyond the header's last column
};

} // namespace vero
