// The stretch of a CSV stream that is in memory, with the positions of its structural bytes.
#include "core/csv/csv_window.hpp"

#include <algorithm>
#include <cstring>

namespace vero {

bool CsvWindow::should_drop(WindowPlace place, std::size_t size) const
{
	// Moving no more bytes than were read keeps the cost of moving linear.
	return place.position > 0 && (end_ - place.position <= place.position || end_ + size > bytes_.size());
}

void CsvWindow::drop(WindowPlace place)
{
	std::memmove(bytes_.data(), bytes_.data() + place.position, end_ - place.position);
	end_ -= place.position;
	offset_ += place.position;
	position_count_ -= place.cursor;
	for (std::size_t i = 0; i <= position_count_; ++i)
		positions_[i] = positions_[i + place.cursor] - static_cast<std::uint32_t>(place.position);
}

std::span<char> CsvWindow::prepare(std::size_t size, std::size_t most)
{
	auto const needed = end_ + size;
	if (needed > bytes_.size()) {
		auto const wanted = std::max(needed, std::min(2 * bytes_.size(), most));
		// Without this, resize() would reserve more than it was asked for.
		bytes_.reserve(wanted);
		bytes_.resize(wanted);
	}
	return {bytes_.data() + end_, size};
}

void CsvWindow::commit(std::size_t size)
{
	auto const room = position_count_ + size + 64;
	if (positions_.size() < room)
		positions_.resize(room);
	position_count_ += scanner_.scan(bytes_.data() + end_, size, static_cast<std::uint32_t>(end_),
									 positions_.data() + position_count_);
	end_ += size;
	positions_[position_count_] = static_cast<std::uint32_t>(end_);
}

WindowPlace CsvWindow::behind_line_end(WindowPlace line_end) const
{
	auto const [position, cursor] = line_end;
	if (position == end_)
		return line_end;
	auto const is_crlf = position + 1 < end_ && bytes_[position] == '\r' && bytes_[position + 1] == '\n';
	std::size_t const length = is_crlf ? 2 : 1;
	return {position + length, cursor + length};
}

} // namespace vero
