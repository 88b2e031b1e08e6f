// A record as it stands in the file, split into cells but not yet judged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace vero {

/// Columns that a file may have. Of a record with more cells it is known how many they are.
constexpr std::size_t kMaxColumns = 10'000;

/// One cell: where its content lies in the record's raw bytes, without the white space and the quotes round it.
struct Cell {
	std::uint32_t begin; ///< first byte of the content, relative to Record::raw
	std::uint32_t end;	 ///< one past its last byte
	bool quoted;		 ///< it stood in quotes: white space inside is its own, and empty is not "no value"
	bool escaped;		 ///< it holds escape sequences: read it with unescape()
	bool malformed;		 ///< text follows its closing quote; content then runs, verbatim, from the opening quote to the
						 ///< cell's end, and neither of the two above is set
};

enum class RecordFault : std::uint8_t {
	none,
	unterminated_quote, ///< raw is the first physical line; cells are those before the quote that was not closed
	undecodable,		///< raw is no text in the file's encoding; no cells
	too_long,			///< raw is the first line, or of a longer line the first max_record_size bytes, cut back to a
						///< UTF-8 boundary (by 3 bytes at most); no cells
};

/// A view into the reader's window: valid until the reader is given more bytes.
struct Record {
	std::string_view raw;		 ///< verbatim, without its line end
	std::uint64_t line_number;	 ///< first physical line, the file's first line = 1
	std::uint64_t byte_offset;	 ///< of the first byte, from the start of the reader's input
	std::uint64_t length;		 ///< raw.size(), or the whole line's length in bytes if the fault is too_long
	std::span<Cell const> cells; ///< at least one, unless there is a fault; kMaxColumns at most
	RecordFault fault = RecordFault::none;
	bool has_nul = false;			  ///< a NUL byte stands somewhere in raw
	std::uint64_t more_cells = 0;	  ///< how many the record has behind those in `cells`
	std::uint64_t malformed_cell = 0; ///< number, from 1, of the first malformed one behind those; 0: none

	std::uint64_t cell_count() const { return cells.size() + more_cells; }
	std::string_view content(Cell const &cell) const { return raw.substr(cell.begin, cell.end - cell.begin); }
};

} // namespace vero
