// From a source's bytes to the records of a CSV: encoding, dialect and header found out.
#pragma once

#include "core/dialect.hpp"
#include "core/file_format.hpp"
#include "core/header.hpp"
#include "core/record_reader.hpp"
#include "core/utf16.hpp"
#include "pg/source.hpp"
#include "pg/transcoder.hpp"

extern "C" {
#include "common/cryptohash.h"
#include "common/sha2.h"
}

namespace vero::pg {

/// What the user says about the file; what is not said is found out.
struct FileOptions {
	std::optional<char> delimiter;
	Dialect dialect; ///< all but the delimiter
	std::vector<ColumnTarget> columns;
	bool has_event_name = false;
	std::vector<std::string> field_names; ///< instead of the header's; empty: the header has them
	bool has_header = true;
	int encoding; ///< one of PostgreSQL's
};

/// What was found out.
struct OpenedFile {
	Header header;
	Dialect dialect;
	std::optional<std::string> header_text; ///< verbatim, in UTF-8
	std::string encoding;					///< its name
	ByteOrderMark mark = ByteOrderMark::none;
};

class CsvInput {
public:
	/// `source` outlives it.
	CsvInput(Source &source, FileOptions options, std::size_t max_record_size);
	~CsvInput();
	CsvInput(CsvInput const &) = delete;
	CsvInput &operator=(CsvInput const &) = delete;

	/// Reads as far as the header. To be called once, first. Throws Error, Report.
	std::variant<OpenedFile, FileFailure> open();

	/// The next data record in UTF-8 with its place in the source; false at the end. Valid until the next call. Throws Error.
	bool next(Record &record);

	/// Reads what is left, so that size and hash are those of the whole.
	void drain();
	std::uint64_t bytes_read() const { return bytes_read_; }
	/// SHA-256 of the bytes read; to be called once, last.
	std::array<std::uint8_t, PG_SHA256_DIGEST_LENGTH> hash();

private:
	std::size_t read(std::span<char> room);
	bool pull();
	bool pull_into(std::string &text);
	void start_reading(char delimiter);
	std::optional<FileFailure> read_header(Record &record);
	std::variant<OpenedFile, FileFailure> try_delimiter(char delimiter);
	std::vector<char> delimiters() const;
	bool is_end_marker(Record const &record);

	Source &source_;
	FileOptions options_;
	std::size_t max_record_size_;
	pg_cryptohash_ctx *hash_;
	std::uint64_t bytes_read_ = 0;
	bool is_at_end_ = false; ///< the source has no more bytes
	bool is_over_ = false;	 ///< the end marker was read: what follows is not looked at

	ByteOrderMark mark_ = ByteOrderMark::none;
	std::optional<Utf16Decoder> utf16_;
	std::optional<Transcoder> transcoder_;
	std::string text_; ///< from the beginning, until the dialect is known; then UTF-16 on its way to the reader
	std::string raw_chunk_;
	Dialect dialect_;
	std::optional<RecordReader> reader_;
};

} // namespace vero::pg
