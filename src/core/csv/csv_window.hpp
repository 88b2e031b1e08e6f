// The stretch of a CSV stream that is in memory, with the positions of its structural bytes.
#pragma once

#include "core/csv/csv_scanner.hpp"
#include "core/csv/dialect.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vero {

/// A place between two bytes of the window.
struct WindowPlace {
	std::size_t position; ///< of the byte behind it
	std::size_t cursor;	  ///< index of the first structural byte at or behind it
};

/// Positions count from the window's first byte; drop() makes the next byte the first. They are 32 bits wide.
class CsvWindow {
public:
	explicit CsvWindow(Dialect const &dialect) : scanner_(dialect) {}

	/// True where bytes before `place` are to be dropped for `size` more: moving is cheap, or there is no room.
	bool should_drop(WindowPlace place, std::size_t size) const;
	/// Forgets the bytes before `place` and moves the others to the front.
	void drop(WindowPlace place);
	/// Room for `size` more bytes. The window grows to no more than `most` bytes, unless it must.
	std::span<char> prepare(std::size_t size, std::size_t most);
	void commit(std::size_t size);
	void finish() { finished_ = true; }

	char const *bytes() const { return bytes_.data(); }
	std::size_t end() const { return end_; }
	/// Of structural bytes, in order, and end() behind the last.
	std::uint32_t const *positions() const { return positions_.data(); }
	std::uint64_t offset() const { return offset_; } ///< of the window's first byte in the stream
	bool is_finished() const { return finished_; }	 ///< the stream ends at end()

	bool is_line_end(std::size_t position) const { return bytes_[position] == '\n' || bytes_[position] == '\r'; }
	/// False for a CR at the window's end: the next byte may be the LF that belongs to it.
	bool is_whole_line_end(std::size_t position) const
	{
		return finished_ || position + 1 < end_ || bytes_[position] != '\r';
	}
	/// The place behind a line end, or behind the end of the stream.
	WindowPlace behind_line_end(WindowPlace line_end) const;

private:
	CsvScanner scanner_;
	std::vector<char> bytes_; ///< its size is the room there is; those up to end_ are filled
	std::size_t end_ = 0;
	std::vector<std::uint32_t> positions_;
	std::size_t position_count_ = 0;
	std::uint64_t offset_ = 0;
	bool finished_ = false;
};

} // namespace vero
