// Rows on their way to another server, as one value.
#pragma once

#include "pg/bulk/table_writer.hpp"

namespace vero::pg {

/// Rows of some columns of one of the extension's tables, whose types are of 8 bytes and passed by value, or of variable length. Both servers have the same
/// architecture, and databases of one encoding, which is checked; it is for no disk.
class RowBatch {
public:
	RowBatch(OwnTable const &own, std::span<char const *const> columns);

	/// Throws Error.
	void add(Datum const *values, char const *nulls);
	std::size_t count() const { return count_; }
	std::size_t size() const { return bytes_.size(); }
	/// All of them, compressed. Throws Error.
	std::string compressed();
	void clear();

private:
	void add_varlena(Datum value);

	std::size_t columns_;
	std::size_t head_; ///< what stands before the rows, in bytes
	std::vector<bool> by_value_;
	std::string bytes_;
	std::uint32_t count_ = 0;
};

/// What read_row_batch() has read.
struct ReceivedRows {
	std::unique_ptr<std::uint64_t[]> bytes; ///< that the rows refer to
	std::vector<char const *> columns;		///< of static duration
	Rows rows;
};

/// Of RowBatch::compressed(). Throws Report (22P03) where it is none, is of other columns or types than `own` has, or of a database of another encoding.
ReceivedRows read_row_batch(std::string_view compressed, OwnTable const &own);

} // namespace vero::pg
