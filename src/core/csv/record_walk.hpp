// Walks through one record from structural byte to structural byte and notes its cells.
#pragma once

#include "core/csv/csv_window.hpp"
#include "core/csv/dialect.hpp"
#include "core/csv/record.hpp"
#include "core/csv/simple_cells.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vero {

/// The automaton behind RecordReader, which states the rules. A walk stops where the window ends, and goes on there.
/// Walks that fail leave a memo to the next: every line end that they passed was inside quotes, so a later record that
/// is inside quotes at one of them takes the same course up to where they were given up, and can jump there. So bytes
/// are walked two or three times at most, however many records fail.
class RecordWalk {
public:
	enum class Outcome : std::uint8_t {
		need_more,
		complete,
		unterminated,
		too_long,	   ///< the record, which has several lines
		line_too_long, ///< the record's first line alone
		change_mode,   ///< goes on in another mode; no caller sees it
	};

	/// Of a record's cells the first `max_cells` are noted, the others are counted. At least 1.
	RecordWalk(Dialect const &dialect, std::size_t max_record_size, std::size_t max_cells);

	/// A record begins here. True: it is complete, of simple cells alone, and a LF ends it.
	bool start(CsvWindow const &window, WindowPlace begin);
	/// Walks on. After need_more it is called again with more bytes; otherwise the walk is over.
	Outcome go_on(CsvWindow const &window);
	/// The window drops what lies before `begin`, the begin of the current record or of the next.
	void shift(WindowPlace begin);

	/// What is known of a record that is complete.
	WindowPlace end() const { return {record_end_, state_.cursor}; }
	std::span<Cell const> cells() const { return first_cells(cell_count()); }
	std::uint64_t cell_count() const { return cell_count_ + more_cells_; }
	/// Number, from 1, of the first malformed cell among those that are not noted; 0: none. A failed record's, too.
	std::uint64_t malformed_cell() const
	{
		return malformed_cell_ == 0 && cell_count_ > max_cells_ && cells_[max_cells_].malformed ? cell_count()
																								: malformed_cell_;
	}
	std::uint64_t line_ends() const { return line_ends_; } ///< that stand inside the record
	bool has_nul() const { return has_nul_; }
	/// True where the record is a line with nothing but white space.
	bool is_blank_line() const { return cell_count_ == 1 && cells_[0].begin == cells_[0].end && !cells_[0].quoted; }

	/// A failed record's first line, and the cells before the quote that was still open at its end.
	WindowPlace first_line_end() const { return {first_line_.end, first_line_.cursor}; }
	std::span<Cell const> first_line_cells() const { return first_cells(first_line_.cells); }
	std::uint64_t first_line_cell_count() const { return first_line_.cells; }

private:
	enum class Mode : std::uint8_t {
		cell_start, ///< only white space since the cell began, as far as structural bytes tell
		unquoted,
		quoted,
		closed, ///< behind the closing quote
		malformed,
		broken, ///< text follows a closing quote of a record that spans lines
	};
	/// All that decides the further course. Positions are the window's.
	struct State {
		std::size_t cursor = 0; ///< index of the next structural byte
		std::uint32_t cell_begin = 0;
		std::uint32_t content_begin = 0; ///< of a quoted cell
		std::uint32_t content_end = 0;
		std::uint32_t blank_until = 0; ///< what stands between the closing quote and here is known to be blank
		Mode mode = Mode::cell_start;
		bool escaped = false;
	};

	struct FirstLine {
		std::uint32_t end = 0;
		std::size_t cursor = 0;
		std::uint64_t cells = 0;
		bool known = false; ///< the record spans lines
	};

	/// What the hot loops need of the window.
	struct View {
		char const *bytes;
		std::uint32_t const *positions;
		std::size_t end;
		std::size_t stop; ///< stop_in()
		CsvWindow const &window;
	};

	std::span<Cell const> first_cells(std::uint64_t count) const
	{
		return {cells_.data(), count < max_cells_ ? static_cast<std::size_t>(count) : max_cells_};
	}
	void restart();
	/// The window's end, or where the record gets too long.
	std::size_t stop_in(CsvWindow const &window) const
	{
		return std::min(window.end(), begin_.position + max_record_size_);
	}
	Outcome walk(CsvWindow const &window);
	bool walk_simple(CsvWindow const &window);
	Outcome walk_unquoted(View const &view);
	Outcome walk_quoted(View const &view);
	Outcome walk_closed(View const &view);
	Outcome at_stop(View const &view);
	Outcome end_record(View const &view, std::uint32_t end);
	void open_quotes(std::uint32_t position);
	void end_quoted_cell();
	void end_unquoted_cell(View const &view, std::uint32_t begin, std::uint32_t end);
	void write_cell(std::uint32_t begin, std::uint32_t end, bool quoted, bool escaped, bool malformed);
	void make_room_for_cell();
	bool pass_line_end(View const &view, std::uint32_t position);
	void end_first_line(std::uint32_t position) { first_line_ = {position, state_.cursor, cell_count(), true}; }
	bool is_blank_between(View const &view, std::size_t begin, std::size_t end) const;
	bool is_mark_before(View const &view, std::size_t position) const;

	std::size_t max_record_size_;
	std::size_t max_cells_;
	char delimiter_;
	char quote_;
	char escape_;

	WindowPlace begin_{};
	State state_;
	FirstLine first_line_;
	std::vector<Cell> cells_; ///< grown only, to one more than are noted: cell_count_ of them are the record's
	std::size_t cell_count_ = 0;
	std::uint64_t more_cells_ = 0; ///< stood where the one stands that is not noted
	std::uint64_t malformed_cell_ = 0;
	std::uint32_t record_end_ = 0;
	std::uint64_t line_ends_ = 0;
	bool has_nul_ = false;

	State memo_;
	bool may_jump_ = true;
	bool jumped_ = false; ///< parts were skipped, so the cells are not known
};

inline void RecordWalk::restart()
{
	state_.cursor = begin_.cursor;
	state_.cell_begin = static_cast<std::uint32_t>(begin_.position);
	state_.mode = Mode::cell_start;
	first_line_.known = false;
	cell_count_ = 0;
	more_cells_ = 0;
	malformed_cell_ = 0;
	line_ends_ = 0;
	has_nul_ = false;
	jumped_ = false;
}

inline bool RecordWalk::start(CsvWindow const &window, WindowPlace begin)
{
	begin_ = begin;
	may_jump_ = true;
	restart();
	return walk_simple(window);
}

/// Passes cells up to the first that is not simple, which is walk_unquoted()'s. True: the record ended with the last of them.
inline bool RecordWalk::walk_simple(CsvWindow const &window)
{
	auto const begin = static_cast<std::uint32_t>(begin_.position);
	SimpleCells simple{window.bytes() + begin,
					   delimiter_,
					   quote_,
					   begin,
					   static_cast<std::uint32_t>(stop_in(window)) - begin,
					   window.positions() + state_.cursor,
					   state_.cell_begin - begin,
					   cells_.data() + cell_count_,
					   cells_.data() + cells_.size()};
	simple.pass();
	state_.cursor = static_cast<std::size_t>(simple.next - window.positions());
	state_.cell_begin = begin + simple.begin;
	cell_count_ = static_cast<std::size_t>(simple.cell - cells_.data());
	record_end_ = state_.cell_begin - 1;
	return simple.is_record_over;
}

inline bool RecordWalk::is_blank_between(View const &view, std::size_t begin, std::size_t end) const
{
	while (begin < end && is_blank(view.bytes[begin], delimiter_))
		++begin;
	return begin >= end;
}

/// Field by field in place: a Cell that is built first and then copied costs three times as much.
inline void RecordWalk::write_cell(std::uint32_t begin, std::uint32_t end, bool quoted, bool escaped, bool malformed)
{
	if (cell_count_ == cells_.size()) [[unlikely]]
		make_room_for_cell();
	auto &cell = cells_[cell_count_++];
	cell.begin = begin;
	cell.end = end;
	cell.quoted = quoted;
	cell.escaped = escaped;
	cell.malformed = malformed;
}

inline void RecordWalk::open_quotes(std::uint32_t position)
{
	state_.mode = Mode::quoted;
	state_.content_begin = position + 1;
	state_.escaped = false;
}

inline void RecordWalk::end_quoted_cell()
{
	auto const begin = static_cast<std::uint32_t>(begin_.position);
	write_cell(state_.content_begin - begin, state_.content_end - begin, true, state_.escaped, false);
}

} // namespace vero
