// Questions about a record as a whole, before anybody asks what its cells mean.
#pragma once

#include "core/csv/dialect.hpp"
#include "core/csv/record.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace vero {

/// Number, from 1, of the first malformed cell; 0: none.
std::uint64_t first_malformed(Record const &record);

/// True where the cells from the one at `index` on show nothing: they are empty, or hold white space of any kind or what is not seen. Of
/// cells that are counted only, quoted ones show something.
bool is_blank_from(Record const &record, std::size_t index, Dialect const &dialect);

/// True where all cells are blank, as spreadsheets write rows that they have no values for.
inline bool is_blank(Record const &record, Dialect const &dialect)
{
	// of nearly all records the first byte of the first cell tells that it is not
	if (record.fault != RecordFault::none || record.cells.empty() || record.has_nul)
		return false;
	Cell const &first = record.cells.front();
	char const c = first.begin < first.end ? record.raw[first.begin] : ' ';
	bool const is_seen = c > ' ' && c < '\x7F';
	return !is_seen && is_blank_from(record, 0, dialect);
}

/// True where the record has the header's cells once more; those that one of them has beyond the other are blank.
bool repeats_header(Record const &record, std::span<std::string const> header_cells, Dialect const &dialect);

/// What stands in a header's cell: unescaped, without anything at its ends that is not seen.
std::string header_text(Record const &record, Cell const &cell, Dialect const &dialect);
/// Of all its cells.
std::vector<std::string> header_texts(Record const &record, Dialect const &dialect);

} // namespace vero
