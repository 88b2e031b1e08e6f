// Looks at a file as an import would read it, and stores nothing.
#pragma once

#include "core/inspect/column_description.hpp"
#include "pg/files/source.hpp"
#include "pg/import/import_options.hpp"

#include <functional>

namespace vero::pg {

/// What was found, and why it was taken for that.
struct Finding {
	std::string value;
	std::string why;
};

/// What there is to say of a file when it is read with all options that are certain. What is not certain stands in the questions.
struct Inspection {
	std::vector<ColumnDescription> columns;
	Finding delimiter, quote, encoding, compression;
	std::string time_zone;
	std::optional<std::uint64_t> header_line;
	std::uint64_t records = 0;
	std::uint64_t blank_records = 0;
	std::uint64_t rejects = 0;
	std::vector<std::pair<std::string_view, std::uint64_t>> rejects_by_code;
	std::vector<std::string> warnings;
	std::vector<std::string> questions;
	std::string error; ///< why it would fail as a whole; empty: it would not
	std::string call;  ///< which imports it
};

struct InspectedSource {
	std::function<std::unique_ptr<Source>()> open; ///< from its beginning, each time
	std::string argument;						   ///< of import_events_csv()
	std::string events;							   ///< what they may be called that no column names
};

/// Looks at `max_records` records of it, with what is `given`. Throws Error, Report.
Inspection inspect(InspectedSource const &source, GivenOptions given, std::uint64_t max_records);

} // namespace vero::pg
