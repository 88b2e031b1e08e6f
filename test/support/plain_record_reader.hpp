// A record reader as plain as can be, byte by byte over the whole input: what RecordReader is tested against.
#pragma once

#include "core/csv/dialect.hpp"
#include "core/csv/record.hpp"
#include "core/csv/record_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace vero::test {

/// A Record that owns its parts.
struct PlainRecord {
	std::string raw;
	std::uint64_t line_number = 1;
	std::uint64_t byte_offset = 0;
	std::uint64_t length = 0;
	std::vector<Cell> cells;
	RecordFault fault = RecordFault::none;
	bool has_nul = false;
	std::uint64_t more_cells = 0;
	std::uint64_t malformed_cell = 0;

	std::string content(std::size_t i) const { return raw.substr(cells[i].begin, cells[i].end - cells[i].begin); }
};

inline bool are_same(Cell const &a, Cell const &b)
{
	return a.begin == b.begin && a.end == b.end && a.quoted == b.quoted && a.escaped == b.escaped &&
		   a.malformed == b.malformed;
}

inline bool operator==(PlainRecord const &a, PlainRecord const &b)
{
	return a.raw == b.raw && a.line_number == b.line_number && a.byte_offset == b.byte_offset && a.length == b.length &&
		   a.fault == b.fault && a.has_nul == b.has_nul && a.more_cells == b.more_cells &&
		   a.malformed_cell == b.malformed_cell &&
		   std::equal(a.cells.begin(), a.cells.end(), b.cells.begin(), b.cells.end(), are_same);
}

inline std::ostream &operator<<(std::ostream &out, PlainRecord const &record)
{
	out << "\n  line " << record.line_number << " offset " << record.byte_offset << " length " << record.length
		<< " fault " << static_cast<int>(record.fault) << (record.has_nul ? " NUL" : "") << " [" << record.raw << "]";
	for (auto const &cell : record.cells)
		out << " " << cell.begin << "-" << cell.end << (cell.quoted ? "q" : "") << (cell.escaped ? "e" : "")
			<< (cell.malformed ? "m" : "");
	if (record.more_cells != 0)
		out << " and " << record.more_cells << ", " << record.malformed_cell << " malformed";
	return out;
}

class PlainRecordReader {
public:
	PlainRecordReader(Dialect dialect, std::size_t max_record_size, std::string_view input)
		: dialect_(std::move(dialect)), max_(max_record_size), in_(input)
	{
	}

	std::vector<PlainRecord> read()
	{
		while (begin_ < in_.size()) {
			auto const line_end = std::min(in_.find_first_of("\r\n", begin_), in_.size());
			if (line_end - begin_ <= max_ && are_blank(begin_, line_end))
				go_on_behind(line_end);
			else if (line_end - begin_ > max_)
				add(begin_ + cut_length(), line_end, RecordFault::too_long);
			else
				read_record(line_end);
		}
		return std::move(records_);
	}

private:
	enum class State { cell_start, unquoted, quoted, closed, malformed };

	bool blank_at(std::size_t i) const { return is_blank(in_[i], dialect_.delimiter); }

	bool are_blank(std::size_t begin, std::size_t end) const
	{
		while (begin < end && blank_at(begin) && in_[begin] != dialect_.quote)
			++begin;
		return begin == end;
	}

	bool is_line_end(std::size_t i) const { return in_[i] == '\n' || in_[i] == '\r'; }

	/// A byte order mark before the quote with which the record begins.
	bool is_mark_at(std::size_t i) const
	{
		return i - begin_ < 3 && in_.substr(begin_, 4) == std::string("\xEF\xBB\xBF") + dialect_.quote;
	}

	/// The first max_ bytes, less the beginning of a character that goes on behind them.
	std::size_t cut_length() const
	{
		auto const is_continuation = [this](std::size_t i) { return (in_[i] & 0xC0) == 0x80; };
		auto cut = begin_ + max_;
		while (cut > begin_ && begin_ + max_ - cut < 3 && is_continuation(cut))
			--cut;
		return (in_[cut] & 0xC0) == 0xC0 ? cut - begin_ : max_;
	}

	void go_on_behind(std::size_t line_end)
	{
		for (; begin_ < line_end; ++begin_) {
			auto const crlf = in_[begin_] == '\r' && begin_ + 1 < in_.size() && in_[begin_ + 1] == '\n';
			line_number_ += is_line_end(begin_) && !crlf ? 1 : 0;
		}
		if (begin_ < in_.size()) {
			begin_ += in_.substr(begin_, 2) == "\r\n" ? 2 : 1;
			++line_number_;
		}
	}

	void add(std::size_t raw_end, std::size_t line_end, RecordFault fault)
	{
		auto const raw = std::string(in_.substr(begin_, raw_end - begin_));
		if (fault == RecordFault::too_long)
			cells_.clear();
		records_.push_back(
			{raw, line_number_, begin_, line_end - begin_, cells_, fault, raw.find('\0') != raw.npos, 0, 0});
		go_on_behind(line_end);
	}

	void add_cell(State state, std::size_t cell_begin, std::size_t open, std::size_t close, std::size_t end,
				  bool escaped)
	{
		auto begin = state == State::malformed ? open : cell_begin;
		if (state == State::closed) {
			begin = open + 1;
			end = close;
		} else {
			while (state != State::malformed && begin < end && blank_at(begin))
				++begin;
			while (begin < end && blank_at(end - 1))
				--end;
		}
		auto const relative = [this](std::size_t i) { return static_cast<std::uint32_t>(i - begin_); };
		auto const quoted = state == State::closed;
		cells_.push_back({relative(begin), relative(end), quoted, quoted && escaped, state == State::malformed});
	}

	void read_record(std::size_t first_line_end)
	{
		cells_.clear();
		auto state = State::cell_start;
		auto escaped = false;
		std::size_t cell_begin = begin_, open = 0, close = 0, cells_before_span = 0;
		auto const fail = [&](std::size_t at, RecordFault fault) {
			if (at > first_line_end)
				cells_.resize(cells_before_span);
			add(first_line_end, first_line_end, fault);
		};
		for (auto i = begin_;; ++i) {
			auto const in_quotes = state == State::quoted;
			if (in_quotes && (i >= in_.size() || i - begin_ >= max_))
				return fail(i, RecordFault::unterminated_quote);
			if (!in_quotes && (i == in_.size() || is_line_end(i))) {
				add_cell(state, cell_begin, open, close, i, escaped);
				return add(i, i, RecordFault::none);
			}
			if (i - begin_ >= max_)
				return fail(i, RecordFault::too_long);
			auto const c = in_[i];
			if (in_quotes) {
				auto const next = i + 1 < in_.size() ? in_[i + 1] : '\n';
				if (i == first_line_end)
					cells_before_span = cells_.size();
				if (c == dialect_.escape && (next == dialect_.quote || next == dialect_.escape)) {
					escaped = true;
					++i;
				} else if (c == dialect_.quote) {
					state = State::closed;
					close = i;
				}
			} else if (c == dialect_.delimiter) {
				add_cell(state, cell_begin, open, close, i, escaped);
				state = State::cell_start;
				cell_begin = i + 1;
			} else if (state == State::cell_start && c == dialect_.quote) {
				state = State::quoted;
				open = i;
				escaped = false;
			} else if (state == State::cell_start && !blank_at(i) && !is_mark_at(i)) {
				state = State::unquoted;
			} else if (state == State::closed && !blank_at(i)) {
				if (i > first_line_end)
					return fail(i, RecordFault::unterminated_quote);
				state = State::malformed;
			}
		}
	}

	Dialect dialect_;
	std::size_t max_;
	std::string_view in_;
	std::size_t begin_ = 0;
	std::uint64_t line_number_ = 1;
	std::vector<Cell> cells_;
	std::vector<PlainRecord> records_;
};

/// Leaves so many cells of each record.
inline void drop_cells(std::vector<PlainRecord> &records, std::size_t max_cells)
{
	for (auto &record : records) {
		for (auto i = record.cells.size(); i > max_cells; --i)
			if (record.cells[i - 1].malformed)
				record.malformed_cell = i;
		record.more_cells = record.cells.size() - std::min(record.cells.size(), max_cells);
		record.cells.resize(record.cells.size() - record.more_cells);
	}
}

inline std::vector<PlainRecord> read_plainly(Dialect const &dialect, std::size_t max_record_size,
											 std::string_view input, std::size_t max_cells = kMaxColumns)
{
	auto records = PlainRecordReader(dialect, max_record_size, input).read();
	drop_cells(records, max_cells);
	return records;
}

/// What RecordReader makes of it in chunks of the sizes that `next_size` gives (at least 1).
inline std::vector<PlainRecord> read_in_chunks(Dialect const &dialect, std::size_t max_record_size,
											   std::string_view input, std::function<std::size_t()> const &next_size,
											   std::size_t max_cells = kMaxColumns)
{
	RecordReader reader(dialect, max_record_size, max_cells);
	std::vector<PlainRecord> records;
	auto const take_records = [&] {
		for (Record r; reader.next(r);)
			records.push_back({std::string(r.raw),
							   r.line_number,
							   r.byte_offset,
							   r.length,
							   {r.cells.begin(), r.cells.end()},
							   r.fault,
							   r.has_nul,
							   r.more_cells,
							   r.malformed_cell});
	};
	for (std::size_t at = 0; at < input.size();) {
		auto const chunk = input.substr(at, next_size());
		reader.feed(chunk);
		at += chunk.size();
		take_records();
	}
	reader.finish();
	take_records();
	return records;
}

inline std::vector<PlainRecord> read_in_chunks(Dialect const &dialect, std::size_t max_record_size,
											   std::string_view input, std::size_t size,
											   std::size_t max_cells = kMaxColumns)
{
	return read_in_chunks(
		dialect, max_record_size, input, [size] { return size; }, max_cells);
}

} // namespace vero::test
