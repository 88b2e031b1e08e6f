// Looks through the first lines of a file whose header was not understood, for what helps.
#include "core/intake/header_search.hpp"

#include "core/intake/record_shape.hpp"
#include "core/text/email_syntax.hpp"
#include "core/time/event_time.hpp"

#include <algorithm>

namespace vero {
namespace {

constexpr std::size_t kSearchedRecords = 100; // for what their values look like

/// The records of the beginning, as far as they are whole for sure.
class FirstRecords {
public:
	FirstRecords(FileBeginning const &beginning, char delimiter, std::uint64_t skipped_lines)
		: dialect_(beginning.dialect), reader_(with(dialect_, delimiter), beginning.max_record_size)
	{
		reader_.skip_lines(skipped_lines);
		reader_.feed(beginning.text);
		if (beginning.text.size() < kSearchedSize)
			reader_.finish();
	}

	/// False where there is no further one that can be read.
	bool next(Record &record)
	{
		return reader_.next(record) && record.fault == RecordFault::none && record.more_cells == 0;
	}
	Dialect const &dialect() const { return dialect_; }

private:
	static Dialect const &with(Dialect &dialect, char delimiter)
	{
		dialect.delimiter = delimiter;
		return dialect;
	}

	Dialect dialect_;
	RecordReader reader_;
};

/// The number of the line of the first record behind so many lines, where it may be the header.
std::optional<std::uint64_t> header_behind(FileBeginning const &beginning, char delimiter, std::uint64_t lines)
{
	FirstRecords records(beginning, delimiter, lines);
	Record record;
	if (!records.next(record))
		return std::nullopt;
	std::vector<std::string> names = header_texts(record, records.dialect());
	if (std::any_of(names.begin(), names.end(), is_value))
		return std::nullopt;
	Result<Header, FileFailure> resolved =
		resolve_header(std::move(names), beginning.targets, beginning.has_event_name);
	return resolved || !resolved.error().no_email_column ? std::optional(record.line_number) : std::nullopt;
}

} // namespace

bool is_value(std::string_view cell)
{
	return is_email(cell) || parse_event_time(cell, utc_zone()).has_value();
}

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

bool are_lines_quoted(FileBeginning const &beginning)
{
	FirstRecords records(beginning, beginning.delimiters.front(), beginning.skipped_lines);
	Record record;
	std::size_t count = 0;
	for (; count < kSearchedLines && records.next(record); count++) {
		std::string_view const content = record.content(record.cells.front());
		bool const has_delimiter = std::any_of(beginning.delimiters.begin(), beginning.delimiters.end(),
											   [content](char c) { return content.find(c) != content.npos; });
		if (record.cells.size() != 1 || !record.cells.front().quoted || !has_delimiter)
			return false;
	}
	return count > 0;
}

std::vector<ColumnValues> look_at_values(FileBeginning const &beginning, char delimiter, std::size_t columns,
										 bool has_header)
{
	std::vector<ColumnValues> values(columns);
	FirstRecords records(beginning, delimiter, beginning.skipped_lines);
	Record record;
	if (has_header && !records.next(record))
		return values;
	for (std::size_t count = 0; count < kSearchedRecords && records.next(record); count++) {
		for (std::size_t i = 0; i < std::min(columns, record.cells.size()); i++) {
			std::string const text = header_text(record, record.cells[i], records.dialect());
			values[i].filled += text.empty() ? 0 : 1;
			values[i].emails += is_email(text) ? 1 : 0;
			values[i].times += parse_event_time(text, utc_zone()) ? 1 : 0;
		}
	}
	return values;
}

} // namespace vero
