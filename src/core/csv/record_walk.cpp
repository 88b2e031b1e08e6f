// Walks through one record from structural byte to structural byte and notes its cells.
#include "core/csv/record_walk.hpp"

#include <algorithm>

namespace vero {

RecordWalk::RecordWalk(Dialect const &dialect, std::size_t max_record_size, std::size_t max_cells)
	: max_record_size_(max_record_size), max_cells_(max_cells), delimiter_(dialect.delimiter), quote_(dialect.quote),
	  escape_(dialect.escape), cells_(std::min<std::size_t>(16, max_cells + 1))
{
}

void RecordWalk::start(WindowPlace begin)
{
	begin_ = begin;
	may_jump_ = true;
	restart();
}

void RecordWalk::restart()
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
	View const view{window.bytes(), window.positions(), window.end(),
					std::min(window.end(), begin_.position + max_record_size_), window};
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

/// Passes cells that need no trimming, as most do, up to the first that is of another kind, which is walk_unquoted()'s. True: the record
/// ended with the last of them.
inline bool RecordWalk::walk_plain(View const &view)
{
	auto const is_seen = [](char c) { return static_cast<unsigned char>(c) > ' '; };
	auto const record_begin = static_cast<std::uint32_t>(begin_.position);
	auto const *at = view.positions + state_.cursor;
	auto cell_begin = state_.cell_begin;
	auto *cell = cells_.data() + cell_count_;
	auto const *const last = cells_.data() + cells_.size();
	auto ends_record = false;
	while (cell != last && !ends_record && *at < view.stop) {
		auto const position = *at;
		ends_record = view.bytes[position] == '\n';
		// what stands there in an empty cell: its delimiter twice, or its line end
		auto const *const end = view.bytes + position - (position > cell_begin ? 1 : 0);
		if ((view.bytes[position] != delimiter_ && !ends_record) || !is_seen(view.bytes[cell_begin]) ||
			!is_seen(*end)) {
			ends_record = false;
			break;
		}
		cell->begin = cell_begin - record_begin;
		cell->end = position - record_begin;
		cell->quoted = cell->escaped = cell->malformed = false;
		cell_begin = position + 1;
		++cell;
		++at;
	}
	state_.cursor = static_cast<std::size_t>(at - view.positions) - (ends_record ? 1 : 0);
	state_.cell_begin = cell_begin;
	cell_count_ = static_cast<std::size_t>(cell - cells_.data());
	record_end_ = cell_begin - 1;
	return ends_record;
}

RecordWalk::Outcome RecordWalk::walk_unquoted(View const &view)
{
	if (state_.mode == Mode::cell_start && walk_plain(view))
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
