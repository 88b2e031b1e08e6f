// Cuts a stream of bytes into records, however the stream is split into chunks.
#pragma once

#include "core/csv/csv_window.hpp"
#include "core/csv/dialect.hpp"
#include "core/csv/record.hpp"
#include "core/csv/record_walk.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace vero {

/// RFC 4180 as COPY CSV reads it, with these rules of our own:
/// - LF, CRLF and CR end a line, also mixed; lines of white space alone are skipped (but counted);
/// - a quote opens a quoted cell only where nothing but white space precedes it in its cell, or in its record a byte order mark alone,
///   as where files were joined; elsewhere it is literal;
/// - text after a closing quote makes the cell malformed; the record goes on as if the cell had no quotes;
/// - an opening quote that is not closed within the file or max_record_size, or that a later record's quote closes
///   (text follows a closing quote of a record that spans lines), costs one line: Record::raw is that line, the fault
///   is unterminated_quote, and reading goes on with the next line;
/// - a line of over max_record_size bytes, be it white space alone, is too_long, whatever its quotes;
/// - a longer record of several lines, with no such text among its first max_record_size bytes, is unterminated_quote
///   where quotes are open behind these bytes, else too_long; either costs its first line.
/// What is read depends on the bytes alone, not on the chunks, and takes linear time whatever the bytes are. The window
/// holds max_record_size bytes and a chunk, no more.
class RecordReader {
public:
	/// `max_record_size` in bytes, at least 1; with the largest chunk it is less than 2 GB. Of a
	/// record's cells the first `max_cells` (at least 1) are told, the others are counted.
	RecordReader(Dialect const &dialect, std::size_t max_record_size, std::size_t max_cells = kMaxColumns);

	/// Leaves out the first `count` lines, whatever stands in them, quotes too. They count as lines. To be called first.
	void skip_lines(std::uint64_t count) { lines_to_skip_ = count; }
	/// Room for `size` more bytes, to be filled and then committed. Ends the life of all records.
	std::span<char> prepare(std::size_t size);
	/// Takes over the first `size` bytes of what prepare() lent.
	void commit(std::size_t size);
	/// prepare, copy, commit.
	void feed(std::string_view bytes);
	/// No more bytes will come.
	void finish();

	/// Reads the next record. False: more input is needed, or after finish() the end is reached.
	bool next(Record &record);

private:
	enum class State : std::uint8_t { between, in_record, in_long_line };

	void take_record(Record &record);
	void take_simple_record(Record &record);
	void take_first_line(Record &record, RecordFault fault);
	bool skip_line();
	bool go_to_line_end();
	void begin_long_line();
	bool take_long_line(Record &record);
	std::string_view raw_until(WindowPlace end) const;
	std::uint64_t offset() const;
	void go_on_behind(WindowPlace line_end, std::uint64_t lines);

	std::size_t max_record_size_;
	CsvWindow window_;
	RecordWalk walk_;
	State state_ = State::between;
	WindowPlace place_{}; ///< of the current record, or where the next one is looked for
	std::uint64_t line_number_ = 1;
	std::uint64_t lines_to_skip_ = 0;

	std::string long_line_; ///< its first bytes, when the window has already dropped them
	std::uint64_t long_line_offset_ = 0;
};

} // namespace vero
