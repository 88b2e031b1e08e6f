// Walks through the quoted cells of a record, up to where they end.
#include "core/csv/record_walk.hpp"

namespace vero {

RecordWalk::Outcome RecordWalk::walk_quoted(View const &view)
{
	for (auto cursor = state_.cursor;; ++cursor) {
		auto const position = view.positions[cursor];
		if (position >= view.stop) [[unlikely]] {
			state_.cursor = cursor;
			return at_stop(view);
		}
		auto const c = view.bytes[position];
		if (c != quote_ && c != escape_) {
			state_.cursor = cursor;
			if (c == '\0')
				has_nul_ = true;
			if (is_line_end(c) && pass_line_end(view, position))
				return Outcome::change_mode;
			continue;
		}
		if (position + 1 == view.end && !view.window.is_finished()) {
			state_.cursor = cursor;
			return Outcome::need_more;
		}
		auto const next = position + 1 < view.end ? view.bytes[position + 1] : '\n';
		if (c == escape_ && (next == quote_ || next == escape_)) {
			state_.escaped = true;
			++cursor;
		} else if (c == quote_) {
			state_.content_end = position;
			if (next == delimiter_ && position + 2 < view.stop && view.bytes[position + 2] == quote_) {
				// From quoted cell to quoted cell without the way round through two other modes.
				end_quoted_cell();
				open_quotes(position + 2);
				cursor += 2;
				continue;
			}
			state_.cursor = cursor + 1;
			state_.blank_until = position + 1;
			state_.mode = Mode::closed;
			return Outcome::change_mode;
		}
	}
}

RecordWalk::Outcome RecordWalk::walk_closed(View const &view)
{
	for (;; ++state_.cursor) {
		auto const position = view.positions[state_.cursor];
		auto const at_end = position >= view.stop;
		auto const known = at_end ? static_cast<std::uint32_t>(view.stop) : position;
		auto const c = at_end ? '\n' : view.bytes[position];
		auto const ends_cell = c == delimiter_ || is_line_end(c);
		if (!is_blank_between(view, state_.blank_until, known) || !(ends_cell || is_blank(c, delimiter_))) {
			state_.mode = first_line_.known ? Mode::broken : Mode::malformed;
			state_.cell_begin = state_.content_begin - 1;
			return Outcome::change_mode;
		}
		state_.blank_until = known;
		if (at_end)
			return at_stop(view);
		if (is_line_end(c))
			return end_record(view, position);
		if (c == delimiter_) {
			end_quoted_cell();
			state_.mode = Mode::cell_start;
			state_.cell_begin = position + 1;
			++state_.cursor;
			return Outcome::change_mode;
		}
	}
}

/// A line ends inside quotes. True: the memo took the walk further.
bool RecordWalk::pass_line_end(View const &view, std::uint32_t position)
{
	auto const second_of_crlf = view.bytes[position] == '\n' && view.bytes[position - 1] == '\r';
	line_ends_ += second_of_crlf ? 0 : 1;
	if (first_line_.known)
		return false;
	end_first_line(position);
	if (!may_jump_ || state_.cursor >= memo_.cursor)
		return false;
	state_ = memo_;
	jumped_ = true;
	return true;
}

} // namespace vero
