// From a source's bytes to the records of a CSV: encoding, dialect and header found out.
#pragma once

#include "core/compression/decompressor.hpp"
#include "core/csv/dialect.hpp"
#include "core/csv/file_format.hpp"
#include "core/csv/record_stream.hpp"
#include "core/csv/utf16.hpp"
#include "core/intake/columns.hpp"
#include "core/intake/header_help.hpp"
#include "pg/files/source.hpp"
#include "pg/input/input_hash.hpp"
#include "pg/input/transcoder.hpp"

#include <functional>

namespace vero::pg {

/// What the user says about the file; what is not said is found out.
struct FileOptions {
	std::optional<char> delimiter;
	Dialect dialect; ///< all of it but the delimiter
	std::vector<ColumnTarget> columns;
	bool has_event_name = false;
	PropertyTypes property_types;
	std::vector<std::string> field_names; ///< instead of the header's; empty: the header has them
	bool has_header = true;
	std::uint64_t skip_lines = 0;		  ///< before the header
	bool null_padding = false;			  ///< records short of cells at their end are filled up
	std::optional<char> likely_delimiter; ///< tried before the others, where none is told
	Notation notation = Notation::function;
	int encoding;					///< one of PostgreSQL's
	std::optional<Utf16Name> utf16; ///< instead of that, where no mark says otherwise
	std::optional<Compression> compression;
};

/// What was found out about a file when it was opened.
struct OpenedFile {
	Header header;
	Dialect dialect;
	std::optional<std::string> header_text; ///< verbatim, in UTF-8
	std::vector<std::string> header_cells;	///< in UTF-8; none where there is no header
	std::string encoding;					///< as it is called in PostgreSQL
	ByteOrderMark mark = ByteOrderMark::none;
	std::optional<ByteOrder> utf16; ///< with a mark or without
	Compression compression = Compression::none;
	std::uint64_t header_line = 1;
	bool names_delimiter = false; ///< in its first line
};

class CsvInput {
public:
	/// Whether what is read counts for hash().
	enum class Hashing : unsigned char { on, off };

	/// `source` has to outlive it.
	CsvInput(Source &source, FileOptions options, std::size_t max_record_size, Hashing hashing = Hashing::on);
	CsvInput(CsvInput const &) = delete;
	CsvInput &operator=(CsvInput const &) = delete;

	static constexpr std::size_t kChunkSize = std::size_t{128} * 1024;

	/// Reads as far as the header. To be called once, first. Throws Error, Report.
	Result<OpenedFile, FileFailure> open();
	/// What the file begins with; for whom open() has failed, which has read some of it. Throws Error, ArchiveError.
	FileBeginning beginning();
	/// The records behind the header; what was read so far is in it, and it decompresses with what is this one's, and lives as long. To
	/// be called once, after open().
	RecordStream take_stream();
	/// What turns those records into UTF-8; empty where they are. It calls PostgreSQL and lives as long as this.
	std::function<Record(Record const &)> converter();

	/// The next bytes of the source; 0 at the end. Throws Error.
	std::size_t read(std::span<char> room, Hashing hashing = Hashing::on);
	/// What hash() is of, for whom adds bytes that were read without it, in order; null where that is done best here.
	Sha256 *movable_hash() { return hash_ ? hash_->movable() : nullptr; }
	/// Gives the stream that was taken what comes next; false where nothing does any more. Can be cancelled. Throws Error, ArchiveError.
	bool feed(RecordStream &stream);
	/// Reads what is left, so that size and hash are those of the whole.
	void drain();
	Source const &source() const { return source_; }
	/// As far as it is known, though open() may have failed.
	std::optional<ByteOrder> utf16_order() const;
	Compression compression() const { return compression_; }
	std::uint64_t bytes_read() const { return bytes_read_; }
	/// What they have become; nothing where they are not compressed, or were not read to their end.
	std::optional<std::uint64_t> uncompressed_bytes() const;
	/// SHA-256 of the bytes read; to be called when all are.
	Sha256Digest hash();
	/// The same of what they have become where they are compressed; nothing where that was not read to its end.
	std::optional<Sha256Digest> content_hash();

private:
	Result<OpenedFile, FileFailure> find_header();
	Result<void, FileFailure> read_beginning();
	void fill_beginning();
	Result<void, FileFailure> begin_decompression();
	Result<void, FileFailure> check_format() const;
	std::size_t chunk_size() const;
	bool read_more();
	std::size_t read_text(std::span<char> room);
	void start_reading(char delimiter);
	Result<void, FileFailure> read_header(Record &record);
	Result<OpenedFile, FileFailure> try_delimiter(char delimiter);
	std::vector<char> delimiters() const;
	bool may_delimit(char c) const;
	std::string first_text(std::size_t size);
	FileFailure explain(FileFailure failure);
	bool may_be_utf16_by_psql() const;
	Result<void, FileFailure> find_unmarked_order();
	std::string encoding_name() const;

	Source &source_;
	FileOptions options_;
	std::size_t max_record_size_;
	std::optional<InputHash> hash_; ///< none: off
	std::uint64_t bytes_read_ = 0;
	bool is_at_end_ = false; ///< the source has no more bytes

	std::optional<Decompressor> decompressor_;
	Compression compression_ = Compression::none;
	ByteOrderMark mark_ = ByteOrderMark::none;
	std::optional<Transcoder> transcoder_;
	std::string beginning_;				 ///< the text that was read before the dialect was known, without the mark
	std::optional<char> told_delimiter_; ///< by the file's first line
	std::uint64_t skipped_lines_ = 0;
	std::optional<ByteOrder> unmarked_order_; ///< of UTF-16
	TriedHeader tried_{};					  ///< under the delimiter that was tried last
	bool is_whole_ = false;					  ///< `beginning_` is all there is
	Dialect dialect_;
	std::optional<RecordStream> stream_;
};

/// With the advice that the archive's source calls for.
FileFailure to_failure(ArchiveError const &error, Source const &source);

} // namespace vero::pg
