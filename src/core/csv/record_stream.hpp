// From a file's bytes to its records: compression, UTF-16, places in the file, and the line that ends inline data.
#pragma once

#include "core/compression/decompressor.hpp"
#include "core/csv/file_format.hpp"
#include "core/csv/record_reader.hpp"
#include "core/csv/utf16.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace vero {

/// How the bytes are to be taken.
struct StreamForm {
	ByteOrderMark mark = ByteOrderMark::none; ///< stood before the first byte, and is gone
	bool has_end_marker = false;			  ///< a line of \. ends the data, as psql up to 17 sends it
	std::uint64_t skipped_lines = 0;		  ///< before the first record
	std::optional<ByteOrder> order = {};	  ///< of UTF-16 without a mark
};

/// A RecordReader for the file's own bytes, the byte order mark left out. Records are UTF-8 if the mark is one of UTF-16, else as they
/// stand; their offsets are those in the file, mark included, and where it is compressed in what it becomes.
class RecordStream {
public:
	RecordStream(Dialect const &dialect, std::size_t max_record_size, StreamForm form);

	/// These do what RecordReader's members of the same names do.
	std::span<char> prepare(std::size_t size);
	void commit(std::size_t size);
	void feed(std::string_view bytes);
	/// Throws ArchiveError where the bytes are compressed and should go on.
	void finish();
	/// From here on the bytes are compressed. `decompressor`, which outlives this, may be in the middle of them.
	void decompress_with(Decompressor &decompressor) { decompressor_ = &decompressor; }
	/// Reads on in compressed bytes that it was fed, by a piece; false where there are no more of them. To be called until then whenever
	/// next() needs more input. Throws ArchiveError.
	bool decompress_more();
	/// After the end marker there are no more records.
	bool next(Record &record);

private:
	std::span<char> prepare_text(std::size_t size);
	void commit_text(std::size_t size);

	Decompressor *decompressor_ = nullptr;
	RecordReader reader_;
	StreamForm form_;
	std::optional<Utf16Decoder> utf16_;
	std::string bytes_; ///< UTF-16 that is being filled in
	std::string text_;	///< what it is in UTF-8
	bool is_over_ = false;
};

} // namespace vero
