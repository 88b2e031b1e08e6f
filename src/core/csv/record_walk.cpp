// Walks through one record from structural byte to structural byte and notes its cells.
#include "core/csv/record_walk.hpp"

#include <algorithm>

namespace vero {

RecordWalk::RecordWalk(Dialect const &dialect, std::size_t max_record_size, std::size_t max_cells)
	: max_record_size_(max_record_size), max_cells_(max_cells), delimiter_(dialect.delimiter), quote_(dialect.quote),
	  escape_(dialect.escape), cells_(std::min<std::size_t>(16, max_cells + 1))
{
}

RecordWalk::Outcome RecordWalk::go_on(CsvWindow const &window)
{
	auto outcome = walk(window);
	if (outcome == Outcome::complete && jumped_) {
		may_jump_ = false;
		restart();
		outcome = walk(window);
	}
	if (outcome == Outcome::unterminated || outcome == Outcome::too_long)
		memo_ = state_;
	return outcome;
}

void RecordWalk::shift(WindowPlace begin)
{
	auto const by = static_cast<std::uint32_t>(begin.position);
	// What lies before is no longer used: the memo of a place that is passed, the begin of a cell that was jumped into.
	for (auto *state : {&state_, &memo_}) {
		state->cursor -= std::min(state->cursor, begin.cursor);
		for (auto *position : {&state->cell_begin, &state->content_begin, &state->content_end, &state->blank_until})
			*position -= std::min(*position, by);
	}
	first_line_.end -= std::min(first_line_.end, by);
	first_line_.cursor -= std::min(first_line_.cursor, begin.cursor);
	begin_ = {};
}

RecordWalk::Outcome RecordWalk::walk(CsvWindow const &window)
{
	View const view{window.bytes(), window.positions(), window.end(), stop_in(window), window};
	auto outcome = Outcome::change_mode;
	while (outcome == Outcome::change_mode) {
		switch (state_.mode) {
		case Mode::cell_start:
		case Mode::unquoted:
		case Mode::malformed:
			outcome = walk_unquoted(view);
			break;
		case Mode::quoted:
			outcome = walk_quoted(view);
			break;
		case Mode::closed:
			outcome = walk_closed(view);
			break;
		case Mode::broken:
			outcome = Outcome::unterminated;
			break;
		}
	}
	return outcome;
}

/// Whether a byte order mark is all that the record has before the position.
bool RecordWalk::is_mark_before(View const &view, std::size_t position) const
{
	return position == begin_.position + 3 && std::string_view(view.bytes + begin_.position, 3) == "\xEF\xBB\xBF";
}

void RecordWalk::make_room_for_cell()
{
	if (cells_.size() <= max_cells_) {
		cells_.resize(std::min(2 * cells_.size(), max_cells_ + 1));
		return;
	}
	malformed_cell_ = malformed_cell();
	cell_count_--;
	more_cells_++;
}

inline void RecordWalk::end_unquoted_cell(View const &view, std::uint32_t begin, std::uint32_t end)
{
	auto const malformed = state_.mode == Mode::malformed;
	while (begin < end && !malformed && is_blank(view.bytes[begin], delimiter_))
		++begin;
	while (begin < end && is_blank(view.bytes[end - 1], delimiter_))
		--end;
	auto const record_begin = static_cast<std::uint32_t>(begin_.position);
	write_cell(begin - record_begin, end - record_begin, false, false, malformed);
}

RecordWalk::Outcome RecordWalk::walk_unquoted(View const &view)
{
	if (state_.mode == Mode::cell_start && walk_simple(view.window))
		return Outcome::complete;
	auto const delimiter = delimiter_;
	auto cell_begin = state_.cell_begin;
	for (auto cursor = state_.cursor;; ++cursor) {
		auto const position = view.positions[cursor];
		auto const at_end = position >= view.stop;
		if (at_end || is_line_end(view.bytes[position])) {
			state_.cursor = cursor;
			state_.cell_begin = cell_begin;
			return at_end ? at_stop(view) : end_record(view, position);
		}
		auto const c = view.bytes[position];
		if (c == delimiter) {
			end_unquoted_cell(view, cell_begin, position);
			state_.mode = Mode::cell_start;
			cell_begin = position + 1;
			continue;
		}
		if (c == '\0')
			has_nul_ = true;
		if (state_.mode != Mode::cell_start)
			continue;
		if (c == quote_ && (is_blank_between(view, cell_begin, position) || is_mark_before(view, position))) {
			open_quotes(position);
			state_.cursor = cursor + 1;
			return Outcome::change_mode;
		}
		if (c == quote_ || !is_blank(c, delimiter))
			state_.mode = Mode::unquoted;
	}
}

/// The next structural byte is not among the first max_record_size bytes of the record, or not here yet.
RecordWalk::Outcome RecordWalk::at_stop(View const &view)
{
	auto const position = view.positions[state_.cursor];
	auto const limit = begin_.position + max_record_size_;
	auto const in_quotes = state_.mode == Mode::quoted;
	if (view.end <= limit && !view.window.is_finished())
		return Outcome::need_more;
	if (view.end <= limit || (position == limit && is_line_end(view.bytes[position]))) {
		if (!in_quotes)
			return end_record(view, position);
		if (!first_line_.known)
			end_first_line(position);
		return view.window.is_whole_line_end(first_line_.end) ? Outcome::unterminated : Outcome::need_more;
	}
	if (!first_line_.known)
		return Outcome::line_too_long;
	return in_quotes ? Outcome::unterminated : Outcome::too_long;
}

RecordWalk::Outcome RecordWalk::end_record(View const &view, std::uint32_t end)
{
	if (!view.window.is_whole_line_end(end))
		return Outcome::need_more;
	record_end_ = end;
	if (state_.mode == Mode::closed) {
		end_quoted_cell();
	} else {
		end_unquoted_cell(view, state_.cell_begin, end);
	}
	return Outcome::complete;
}

} // namespace vero
