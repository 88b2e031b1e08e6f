// Finds header and records of a file whose header the import does not understand.
#include "core/inspect/header_sample.hpp"

#include "core/csv/file_format.hpp"
#include "core/csv/utf16.hpp"
#include "core/inspect/record_survey.hpp"
#include "core/intake/record_shape.hpp"
#include "core/text/email_syntax.hpp"
#include "core/text/option_words.hpp"
#include "core/text/text.hpp"

#include <algorithm>
#include <map>

namespace vero {
namespace {

constexpr std::size_t kMostRecords = 1000;							  // that are looked at
constexpr HashKey kSampleKey{0x0123456789ABCDEF, 0xFEDCBA9876543210}; // a sample is small, whoever made it

using Cells = std::vector<std::string>;

struct Line {
	Cells cells;
	std::uint64_t number;
};

RecordReader read_with(FileBeginning const &beginning, Dialect const &dialect)
{
	RecordReader reader(dialect, beginning.max_record_size);
	reader.skip_lines(beginning.skipped_lines);
	reader.feed(beginning.text);
	if (beginning.is_whole)
		reader.finish();
	return reader;
}

Dialect with_delimiter(FileBeginning const &beginning, char delimiter)
{
	Dialect dialect = beginning.dialect;
	dialect.delimiter = delimiter;
	return dialect;
}

/// The column in which most records have an address, and how many have; nothing where none has.
struct AddressColumn {
	std::size_t column;
	std::size_t count;
};
std::optional<AddressColumn> find_addresses(FileBeginning const &beginning, char delimiter)
{
	Dialect const dialect = with_delimiter(beginning, delimiter);
	RecordReader reader = read_with(beginning, dialect);
	std::map<std::size_t, std::size_t> counts;
	Record record;
	for (std::size_t records = 0; records < kMostRecords && reader.next(record); records++) {
		for (std::size_t i = 0; record.cells.size() > 1 && i < record.cells.size(); i++) {
			std::string_view const content = record.content(record.cells[i]);
			if (content.find('@') != content.npos && is_email(trim_unseen(content)))
				counts[i]++;
		}
	}
	auto const best = std::max_element(counts.begin(), counts.end(),
									   [](auto const &a, auto const &b) { return a.second < b.second; });
	return best == counts.end() ? std::nullopt : std::optional(AddressColumn{best->first, best->second});
}

bool may_be_header(Line const &line, Line const &record, std::size_t address)
{
	return line.cells.size() > address && line.cells.size() <= record.cells.size() && !line.cells[address].empty() &&
		   std::none_of(line.cells.begin(), line.cells.end(), is_value);
}

/// The first line that looks like a header above the first record with an address; of those that have as many cells as it, if there are any.
std::optional<Line> find_header(FileBeginning const &beginning, Dialect const &dialect, std::size_t address)
{
	RecordReader reader = read_with(beginning, dialect);
	std::vector<Line> lines;
	Record record;
	while (lines.size() <= kSearchedLines && reader.next(record)) {
		Line line{{}, record.line_number};
		for (Cell const &cell : record.cells)
			line.cells.push_back(header_text(record, cell, dialect));
		if (line.cells.size() <= address || !is_email(line.cells[address])) {
			lines.push_back(std::move(line));
			continue;
		}
		auto const is_as_wide = [&](Line const &above) {
			return above.cells.size() == line.cells.size() && may_be_header(above, line, address);
		};
		auto found = std::find_if(lines.begin(), lines.end(), is_as_wide);
		if (found == lines.end()) {
			found = std::find_if(lines.begin(), lines.end(),
								 [&](Line const &above) { return may_be_header(above, line, address); });
		}
		return found == lines.end() ? std::nullopt : std::optional(std::move(*found));
	}
	return std::nullopt;
}

void survey_records(FileBeginning const &beginning, HeaderSample &first)
{
	Dialect const dialect = with_delimiter(beginning, first.delimiter);
	RecordReader reader = read_with(beginning, dialect);
	Record record;
	for (std::size_t records = 0; records < kMostRecords && reader.next(record); records++) {
		if (record.line_number > first.header_line && record.fault == RecordFault::none && is_utf8(record.raw))
			survey_cells(record, dialect, kSampleKey, first.columns);
	}
}

} // namespace

std::optional<std::string> guess_encoding(std::string_view first_bytes)
{
	if (foreign_format(first_bytes) || json_format(first_bytes))
		return std::nullopt;
	if (std::optional<ByteOrder> const order = zero_byte_order(first_bytes.substr(0, kFormatPrefixSize)))
		return std::string(utf16_encoding(*order));
	std::string_view const lines = first_bytes.substr(0, first_bytes.find_last_of("\r\n"));
	return !is_utf8(lines) && reads_as_windows_1252(lines) ? std::optional(std::string(kWindows1252)) : std::nullopt;
}

std::optional<HeaderSample> find_header_sample(FileBeginning const &beginning)
{
	std::optional<AddressColumn> best;
	std::optional<HeaderSample> first;
	for (char const delimiter : beginning.delimiters) {
		std::optional<AddressColumn> const found = find_addresses(beginning, delimiter);
		if (!found || (best && best->count >= found->count))
			continue;
		std::optional<Line> header = find_header(beginning, with_delimiter(beginning, delimiter), found->column);
		if (header && header->cells.size() <= kMaxColumns) {
			best = found;
			first = HeaderSample{delimiter, header->number, std::move(header->cells), {}};
		}
	}
	if (first) {
		first->columns.reserve(first->names.size());
		for (std::size_t i = 0; i < first->names.size(); i++)
			first->columns.emplace_back(first->names.size());
		survey_records(beginning, *first);
	}
	return first;
}

bool begins_with_record(FileBeginning const &beginning)
{
	for (char const delimiter : beginning.delimiters) {
		RecordReader reader = read_with(beginning, with_delimiter(beginning, delimiter));
		Record record;
		bool const is_record = reader.next(record) && record.cells.size() > 1 &&
							   std::any_of(record.cells.begin(), record.cells.end(), [&](Cell const &cell) {
								   return is_email(trim_unseen(record.content(cell)));
							   });
		if (is_record)
			return true;
	}
	return false;
}

} // namespace vero
