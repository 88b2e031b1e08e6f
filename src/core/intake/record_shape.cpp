// Questions about a record as a whole, before anybody asks what its cells mean.
#include "core/intake/record_shape.hpp"

#include "core/text/text.hpp"

#include <algorithm>

namespace vero {

std::uint64_t first_malformed(Record const &record)
{
	auto malformed =
		std::find_if(record.cells.begin(), record.cells.end(), [](Cell const &cell) { return cell.malformed; });
	return malformed == record.cells.end() ? record.malformed_cell : malformed - record.cells.begin() + 1;
}

bool is_blank_from(Record const &record, std::size_t index, Dialect const &dialect)
{
	for (std::size_t i = index; i < record.cells.size(); i++) {
		Cell const &cell = record.cells[i];
		if (cell.malformed || !trim_unseen(record.content(cell)).empty())
			return false;
	}
	if (record.more_cells == 0)
		return true;
	std::string_view const rest = record.raw.substr(record.cells.back().end + (record.cells.back().quoted ? 1 : 0));
	return std::all_of(rest.begin(), rest.end(),
					   [&](char c) { return c == dialect.delimiter || is_blank(c, dialect.delimiter); });
}

bool repeats_header(Record const &record, std::span<std::string const> header_cells, Dialect const &dialect)
{
	if (record.fault != RecordFault::none || record.more_cells != 0 || record.cells.empty() || header_cells.empty())
		return false;
	std::size_t const common = std::min(record.cells.size(), header_cells.size());
	for (std::size_t i = 0; i < common; i++) {
		Cell const &cell = record.cells[i];
		bool const is_same = cell.escaped ? header_text(record, cell, dialect) == header_cells[i]
										  : trim_unseen(record.content(cell)) == header_cells[i];
		if (!is_same)
			return false;
	}
	return is_blank_from(record, common, dialect) &&
		   std::all_of(header_cells.begin() + static_cast<std::ptrdiff_t>(common), header_cells.end(),
					   [](std::string const &name) { return name.empty(); });
}

std::string header_text(Record const &record, Cell const &cell, Dialect const &dialect)
{
	std::string_view const content = record.content(cell);
	return std::string(
		trim_unseen(cell.escaped ? unescape(content, dialect.quote, dialect.escape) : std::string(content)));
}

std::vector<std::string> header_texts(Record const &record, Dialect const &dialect)
{
	std::vector<std::string> texts;
	for (Cell const &cell : record.cells)
		texts.push_back(header_text(record, cell, dialect));
	return texts;
}

} // namespace vero
