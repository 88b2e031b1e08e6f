// Looks through the first lines of a file whose header was not understood, for what helps.
#include "core/intake/header_search.hpp"

#include "core/intake/record_shape.hpp"
#include "core/text/email_syntax.hpp"
#include "core/time/event_time.hpp"

#include <algorithm>

namespace vero {
namespace {

bool is_value(std::string const &cell)
{
	return is_email(cell) || parse_event_time(cell, TimeZone()).has_value();
}

/// The number of the line of the first record behind so many lines, where it may be the header.
std::optional<std::uint64_t> header_behind(FileBeginning const &beginning, char delimiter, std::uint64_t lines)
{
	Dialect dialect = beginning.dialect;
	dialect.delimiter = delimiter;
	RecordReader reader(dialect, beginning.max_record_size);
	reader.skip_lines(lines);
	reader.feed(beginning.text);
	Record record;
	if (!reader.next(record) || record.fault != RecordFault::none || record.more_cells != 0)
		return std::nullopt;
	std::vector<std::string> names;
	for (Cell const &cell : record.cells)
		names.push_back(header_text(record, cell, dialect));
	if (std::any_of(names.begin(), names.end(), is_value))
		return std::nullopt;
	Result<Header, FileFailure> resolved =
		resolve_header(std::move(names), beginning.targets, beginning.has_event_name);
	return resolved || !resolved.error().no_email_column ? std::optional(record.line_number) : std::nullopt;
}

} // namespace

std::optional<std::uint64_t> find_header_below(FileBeginning const &beginning)
{
	for (std::uint64_t lines = 1; lines <= kSearchedLines; lines++) {
		for (char delimiter : beginning.delimiters) {
			if (auto found = header_behind(beginning, delimiter, beginning.skipped_lines + lines))
				return found;
		}
	}
	return std::nullopt;
}

} // namespace vero
