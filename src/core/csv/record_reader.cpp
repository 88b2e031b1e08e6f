// Cuts a stream of bytes into records: keeps the place, the line number and the rest of lines that are too long.
#include "core/csv/record_reader.hpp"

#include <algorithm>

namespace vero {

namespace {

/// Beyond what the window must hold: fewer moves where chunks are tiny.
constexpr std::size_t kMostSlack = 64 * 1024;

/// Where to cut a text that goes on behind `limit`, so that no UTF-8 character is split.
std::size_t cut_position(std::string_view text, std::size_t limit)
{
	for (std::size_t back = 0; back <= std::min<std::size_t>(limit, 3); ++back) {
		auto const byte = static_cast<unsigned char>(text[limit - back]);
		if ((byte & 0xC0) != 0x80)
			return byte >= 0xC0 ? limit - back : limit;
	}
	return limit;
}

} // namespace

RecordReader::RecordReader(Dialect const &dialect, std::size_t max_record_size, std::size_t max_cells)
	: max_record_size_(max_record_size), window_(dialect), walk_(dialect, max_record_size, max_cells)
{
}

std::span<char> RecordReader::prepare(std::size_t size)
{
	if (window_.should_drop(place_, size)) {
		window_.drop(place_);
		walk_.shift(place_);
		place_ = {};
	}
	return window_.prepare(size, max_record_size_ + std::min(max_record_size_, kMostSlack) + size);
}

void RecordReader::commit(std::size_t size)
{
	window_.commit(size);
}

void RecordReader::feed(std::string_view bytes)
{
	std::copy(bytes.begin(), bytes.end(), prepare(bytes.size()).begin());
	commit(bytes.size());
}

void RecordReader::finish()
{
	window_.finish();
}

bool RecordReader::next(Record &record)
{
	for (;;) {
		if (state_ == State::in_long_line)
			return take_long_line(record);
		if (state_ == State::between) {
			if (place_.position == window_.end())
				return false;
			if (lines_to_skip_ > 0) [[unlikely]] {
				if (!skip_line())
					return false;
				continue;
			}
			if (walk_.start(window_, place_)) [[likely]] {
				take_simple_record(record);
				return true;
			}
			state_ = State::in_record;
		}
		switch (walk_.go_on(window_)) {
		case RecordWalk::Outcome::complete:
			if (walk_.is_blank_line()) {
				go_on_behind(walk_.end(), 1);
				break;
			}
			take_record(record);
			return true;
		case RecordWalk::Outcome::unterminated:
			take_first_line(record, RecordFault::unterminated_quote);
			record.cells = walk_.first_line_cells();
			record.more_cells = walk_.first_line_cell_count() - record.cells.size();
			record.malformed_cell = walk_.malformed_cell();
			return true;
		case RecordWalk::Outcome::too_long:
			take_first_line(record, RecordFault::too_long);
			return true;
		case RecordWalk::Outcome::line_too_long:
			begin_long_line();
			break;
		case RecordWalk::Outcome::need_more:
		case RecordWalk::Outcome::change_mode:
			return false;
		}
	}
}

/// Field by field in place, as in RecordWalk::write_cell().
void RecordReader::take_record(Record &record)
{
	record.raw = raw_until(walk_.end());
	record.line_number = line_number_;
	record.byte_offset = offset();
	record.length = record.raw.size();
	record.cells = walk_.cells();
	record.fault = RecordFault::none;
	record.has_nul = walk_.has_nul();
	record.more_cells = walk_.cell_count() - record.cells.size();
	record.malformed_cell = walk_.malformed_cell();
	go_on_behind(walk_.end(), walk_.line_ends() + 1);
}

inline void RecordReader::take_simple_record(Record &record)
{
	auto const [position, cursor] = walk_.end();
	auto const size = position - place_.position;
	record.raw = {window_.bytes() + place_.position, size};
	record.line_number = line_number_++;
	record.byte_offset = offset();
	record.length = size;
	record.cells = walk_.cells();
	record.fault = RecordFault::none;
	record.has_nul = false;
	record.more_cells = walk_.cell_count() - record.cells.size();
	record.malformed_cell = walk_.malformed_cell();
	place_ = {position + 1, cursor + 1};
}

void RecordReader::take_first_line(Record &record, RecordFault fault)
{
	auto const raw = raw_until(walk_.first_line_end());
	record = {raw, line_number_, offset(), raw.size(), {}, fault, raw.find('\0') != raw.npos};
	go_on_behind(walk_.first_line_end(), 1);
}

/// False: the line's end is not here yet.
bool RecordReader::skip_line()
{
	if (!go_to_line_end())
		return false;
	go_on_behind(place_, 1);
	--lines_to_skip_;
	return true;
}

void RecordReader::begin_long_line()
{
	auto const bytes = raw_until({window_.end(), 0});
	long_line_.assign(bytes.substr(0, cut_position(bytes, max_record_size_)));
	long_line_offset_ = offset();
	state_ = State::in_long_line;
}

/// Drops what there is of the line. False: its end is not here yet.
bool RecordReader::go_to_line_end()
{
	auto const *positions = window_.positions();
	while (positions[place_.cursor] < window_.end() && !window_.is_line_end(positions[place_.cursor]))
		++place_.cursor;
	place_.position = positions[place_.cursor];
	auto const at_end = place_.position == window_.end();
	return at_end ? window_.is_finished() : window_.is_whole_line_end(place_.position);
}

bool RecordReader::take_long_line(Record &record)
{
	if (!go_to_line_end())
		return false;
	auto const length = offset() - long_line_offset_;
	auto const has_nul = long_line_.find('\0') != long_line_.npos;
	record = {long_line_, line_number_, long_line_offset_, length, {}, RecordFault::too_long, has_nul};
	go_on_behind(place_, 1);
	return true;
}

std::string_view RecordReader::raw_until(WindowPlace end) const
{
	return {window_.bytes() + place_.position, end.position - place_.position};
}

std::uint64_t RecordReader::offset() const
{
	return window_.offset() + place_.position;
}

void RecordReader::go_on_behind(WindowPlace line_end, std::uint64_t lines)
{
	place_ = window_.behind_line_end(line_end);
	line_number_ += lines;
	state_ = State::between;
}

} // namespace vero
