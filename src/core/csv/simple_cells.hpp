// Passes the simple cells of a record, as most are, without a look at the bytes between their ends.
#pragma once

#include "core/csv/record.hpp"

#include <cstdint>

namespace vero {

/// A cell is simple if it needs neither trimming nor unescaping: no structural byte stands in it, and it has a visible one at either
/// end or stands in quotes. A delimiter or a LF ends it. This is an object of its own so that all of it is held in registers.
struct SimpleCells {
	char const *record; ///< its first byte, from which offsets count
	char delimiter;
	char quote;
	std::uint32_t record_position; ///< in the window
	std::uint32_t stop;			   ///< where the window ends, or the record gets too long
	std::uint32_t const *next;	   ///< position, in the window, of the next structural byte
	std::uint32_t begin;		   ///< of the next cell
	Cell *cell;					   ///< where that is noted
	Cell const *cells_end;
	bool is_record_over = false; ///< at *next, which is a LF

	/// Goes on to the first cell that is not simple or not here yet, or to the record's end.
	void pass()
	{
		do {
			pass_unquoted();
		} while (is_at_quote() && pass_quoted() && !is_record_over);
	}

private:
	static bool is_visible(char c) { return static_cast<unsigned char>(c) > ' '; }
	std::uint32_t offset_of(std::uint32_t const *position) const { return *position - record_position; }

	void pass_unquoted()
	{
		for (; cell != cells_end; ++next) {
			auto const end = offset_of(next);
			if (end >= stop)
				return;
			// what stands there in an empty cell: its delimiter twice, or its line end
			auto const last = end - (end > begin ? 1 : 0);
			if (!is_visible(record[begin]) || !is_visible(record[last]) || !ends_cell(record[end]))
				return;
			note(begin, end, false);
			begin = end + 1;
			if (is_record_over)
				return;
		}
	}

	bool is_at_quote() const
	{
		return !is_record_over && cell != cells_end && offset_of(next) < stop && record[begin] == quote;
	}

	/// False: the cell that stands here is not simple.
	bool pass_quoted()
	{
		do {
			auto const closing = offset_of(next + 1);
			auto const end = closing + 1;
			if (end >= stop || record[closing] != quote || !ends_cell(record[end]))
				return false;
			note(begin + 1, closing, true);
			begin = end + 1;
			next += is_record_over ? 2 : 3;
		} while (is_at_quote());
		return true;
	}

	bool ends_cell(char c)
	{
		is_record_over = c == '\n';
		return is_record_over || c == delimiter;
	}

	/// Field by field in place: a Cell that is built first and then copied costs three times as much.
	void note(std::uint32_t from, std::uint32_t to, bool quoted)
	{
		cell->begin = from;
		cell->end = to;
		cell->quoted = quoted;
		cell->escaped = cell->malformed = false;
		++cell;
	}
};

} // namespace vero
