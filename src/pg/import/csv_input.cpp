// From a source's bytes to the records of a CSV: encoding, dialect and header found out.
#include "pg/import/csv_input.hpp"

#include "core/csv/utf16.hpp"
#include "core/intake/batch.hpp"
#include "core/intake/record_shape.hpp"
#include "core/text/text.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/settings.hpp"
#include "pg/import/running_import.hpp"

extern "C" {
#include "mb/pg_wchar.h"
}

namespace vero::pg {
namespace {

constexpr std::size_t kChunkSize = 128 * 1024;
/// Bytes of the file in which the header ends: it is held in memory several times over while it is read.
constexpr std::size_t kMaxHeaderSize = 2 * 1024 * 1024;

// What RecordReader asks of its limit and chunks, of which the first are all that was read while the header was looked for, and then what
// a record has become in UTF-8.
constexpr std::size_t kMaxPosition = std::size_t{1} << 31;
constexpr std::size_t kLargestInUtf8 = static_cast<std::size_t>(kLargestRecord) * MAX_CONVERSION_GROWTH;
static_assert(kMaxHeaderSize % kChunkSize == 0, "so many chunks");
static_assert(kLargestRecord + kMaxHeaderSize + 2 * kChunkSize < kMaxPosition);
static_assert(2 * kLargestInUtf8 + 1 < kMaxPosition);
static_assert(kLargestInUtf8 < kMaxStoredSize, "a reject's record can be stored");
constexpr std::array kDelimiters{',', ';', '\t', '|'}; // in the order in which they are tried

} // namespace

CsvInput::CsvInput(Source &source, FileOptions options, std::size_t max_record_size)
	: source_(source), options_(std::move(options)), max_record_size_(max_record_size), hash_(call([] {
		  pg_cryptohash_ctx *context = pg_cryptohash_create(PG_SHA256);
		  if (context == nullptr || pg_cryptohash_init(context) < 0)
			  elog(ERROR, "could not initialize SHA-256");
		  return context;
	  }))
{
}

CsvInput::~CsvInput()
{
	pg_cryptohash_free(hash_);
}

std::size_t CsvInput::read(std::span<char> room)
{
	check_for_interrupts();
	std::size_t size = source_.read(room);
	pg_cryptohash_update(hash_, reinterpret_cast<std::uint8_t *>(room.data()), size);
	bytes_read_ += size;
	Progress::note_bytes(bytes_read_);
	is_at_end_ = size == 0;
	return size;
}

/// The next bytes of the text; 0 at the end.
std::size_t CsvInput::read_text(std::span<char> room)
{
	if (!decompressor_)
		return read(room);
	while (true) {
		std::size_t size = decompressor_->read(room);
		if (size > 0)
			return size;
		if (is_at_end_) {
			decompressor_->finish();
			return 0;
		}
		decompressor_->commit(read(decompressor_->prepare(kChunkSize)));
	}
}

/// Appends to the beginning; false at the end.
bool CsvInput::read_more()
{
	std::size_t before = beginning_.size();
	beginning_.resize(before + kChunkSize);
	beginning_.resize(before + read_text(std::span(beginning_).subspan(before)));
	is_whole_ = beginning_.size() == before;
	return !is_whole_;
}

/// As far as the format can be told from it.
void CsvInput::fill_beginning()
{
	while (beginning_.size() < kFormatPrefixSize && read_more())
		;
}

/// What the first bytes tell of the file's format and encoding.
Result<void, FileFailure> CsvInput::read_beginning()
{
	fill_beginning();
	compression_ = compression_of(beginning_);
	if (compression_ != Compression::none) {
		if (Result<void, FileFailure> begun = begin_decompression(); !begun)
			return begun;
	}
	if (Result<void, FileFailure> checked = check_format(); !checked)
		return checked;
	mark_ = byte_order_mark(beginning_);
	beginning_.erase(0, size_of(mark_));
	if (mark_ != ByteOrderMark::none)
		options_.encoding = PG_UTF8;
	if (options_.encoding != PG_UTF8)
		transcoder_.emplace(options_.encoding);
	told_delimiter_ = told_delimiter(first_text(kFormatPrefixSize), options_.dialect.quote);
	if (told_delimiter_ && !may_delimit(*told_delimiter_))
		told_delimiter_.reset();
	skipped_lines_ = std::max<std::uint64_t>(options_.skip_lines, told_delimiter_ ? 1 : 0);
	return {};
}

/// What was read so far is compressed: reads the beginning of what it becomes.
Result<void, FileFailure> CsvInput::begin_decompression()
{
	if (options_.compression && *options_.compression != compression_) {
		return tl::make_unexpected(
			FileFailure{"the file is a " + std::string(name_of(compression_)) +
							" archive, and option \"compression\" says " + std::string(name_of(*options_.compression)),
						"Leave the option out: a file's first bytes tell how it is compressed."});
	}
	decompressor_.emplace(compression_);
	beginning_.copy(decompressor_->prepare(beginning_.size()).data(), beginning_.size());
	decompressor_->commit(beginning_.size());
	beginning_.clear();
	fill_beginning();
	return {};
}

Result<void, FileFailure> CsvInput::check_format() const
{
	if (std::optional<std::string_view> format = foreign_format(beginning_)) {
		std::string what =
			decompressor_ ? "what the " + std::string(name_of(compression_)) + " archive holds" : "the file";
		return tl::make_unexpected(FileFailure{
			what + " is not CSV but " + std::string(*format),
			"Open it in the program that made it and save it as CSV (in a spreadsheet: Save As or Download, "
			"\"CSV UTF-8 (comma delimited)\")."});
	}
	if (options_.compression && *options_.compression != compression_) {
		return tl::make_unexpected(
			FileFailure{"the file is no " + std::string(name_of(*options_.compression)) +
							" archive, as option \"compression\" says",
						"Leave the option out: a file's first bytes tell how it is compressed."});
	}
	return {};
}

Result<OpenedFile, FileFailure> CsvInput::open()
{
	try {
		return find_header();
	} catch (ArchiveError const &error) {
		return tl::make_unexpected(to_failure(error, source_));
	}
}

Result<OpenedFile, FileFailure> CsvInput::find_header()
{
	if (Result<void, FileFailure> begun = read_beginning(); !begun)
		return tl::make_unexpected(std::move(begun.error()));
	std::optional<FileFailure> first_failure;
	for (char delimiter : delimiters()) {
		Result<OpenedFile, FileFailure> opened = try_delimiter(delimiter);
		if (opened || !opened.error().no_email_column)
			return opened;
		if (!first_failure)
			first_failure = std::move(opened.error());
	}
	help(*first_failure);
	return tl::make_unexpected(*std::move(first_failure));
}

/// The first `size` bytes of the file as text, or what they become: without the mark, in UTF-8, as far as they can be converted.
std::string CsvInput::first_text(std::size_t size)
{
	std::string_view bytes = std::string_view(beginning_).substr(0, size);
	std::string text;
	if (std::optional<ByteOrder> order = utf16_byte_order(mark_)) {
		Utf16Decoder(*order).decode(bytes, text);
	} else {
		text = transcoder_ ? transcoder_->as_far_as_utf8(bytes) : bytes;
	}
	return text;
}

/// Says where the header seems to be.
void CsvInput::help(FileFailure &failure)
{
	FileBeginning beginning{first_text(kSearchedSize), options_.dialect, delimiters(),			 skipped_lines_,
							max_record_size_,		   options_.columns, options_.has_event_name};
	if (auto line = options_.has_header ? find_header_below(beginning) : std::nullopt) {
		failure.message = "line " + std::to_string(header_line_) + " has no email column, but line " +
						  std::to_string(*line) +
						  " looks like the header: " + write_option(options_.notation, "skip_lines", *line - 1);
		failure.hint = "";
	}
}

bool CsvInput::may_delimit(char c) const
{
	Dialect const &dialect = options_.dialect;
	bool is_ascii = static_cast<unsigned char>(c) < 0x80;
	return is_ascii && c != '\0' && !is_line_end(c) && c != dialect.quote && c != dialect.escape &&
		   dialect.null_string.find(c) == std::string::npos && (!transcoder_ || transcoder_->may_delimit(c));
}

std::vector<char> CsvInput::delimiters() const
{
	if (options_.delimiter)
		return {*options_.delimiter};
	if (told_delimiter_)
		return {*told_delimiter_};
	if (!options_.field_names.empty())
		return {kDelimiters.front()};
	std::vector<char> candidates;
	if (options_.likely_delimiter && may_delimit(*options_.likely_delimiter))
		candidates.push_back(*options_.likely_delimiter);
	for (char c : kDelimiters) {
		if (may_delimit(c) && c != options_.likely_delimiter)
			candidates.push_back(c);
	}
	return candidates;
}

void CsvInput::start_reading(char delimiter)
{
	dialect_ = options_.dialect;
	dialect_.delimiter = delimiter;
	if (transcoder_)
		transcoder_->check(dialect_);
	stream_.emplace(dialect_, max_record_size_,
					StreamForm{mark_, source_.has_end_marker() && !decompressor_, skipped_lines_});
	stream_->feed(beginning_);
	if (is_whole_)
		stream_->finish();
}

Result<void, FileFailure> CsvInput::read_header(Record &record)
{
	while (!stream_->next(record)) {
		std::size_t before = beginning_.size();
		if (before >= kMaxHeaderSize) {
			return tl::make_unexpected(FileFailure{"the header does not end in the first 2 MB of the file",
												   "Perhaps a quote in it is not closed.", true});
		}
		if (is_whole_ || !read_more()) {
			stream_->finish();
			if (!stream_->next(record)) {
				std::string message = options_.skip_lines == 0
										  ? "the file is empty"
										  : "the file has nothing behind the lines that skip_lines leaves out";
				return tl::make_unexpected(
					FileFailure{std::move(message), "It needs a header line and at least one record."});
			}
			break;
		}
		stream_->feed(std::string_view(beginning_).substr(before));
	}
	header_line_ = record.line_number;
	if (transcoder_)
		record = transcoder_->convert(record, dialect_);
	if (record.fault == RecordFault::undecodable || record.has_nul || !is_utf8(record.raw)) {
		return tl::make_unexpected(
			FileFailure{"the header is not valid text in encoding " + encoding_name(),
						"Save the file as UTF-8, or name its encoding with the option \"encoding\"."});
	}
	if (record.fault == RecordFault::too_long)
		return tl::make_unexpected(FileFailure{"the header is longer than vero_events.max_record_size allows", ""});
	bool is_malformed =
		record.fault == RecordFault::unterminated_quote || record.malformed_cell != 0 ||
		std::any_of(record.cells.begin(), record.cells.end(), [](Cell const &cell) { return cell.malformed; });
	if (is_malformed)
		return tl::make_unexpected(FileFailure{"a quote in the header is not closed, or text follows it", "", true});
	return {};
}

RecordStream CsvInput::take_stream()
{
	beginning_ = {};
	if (decompressor_)
		stream_->decompress_with(*decompressor_);
	return std::move(*stream_);
}

std::string CsvInput::encoding_name() const
{
	return utf16_byte_order(mark_) ? "UTF-16" : pg_encoding_to_char(options_.encoding);
}

std::function<Record(Record const &)> CsvInput::converter()
{
	if (!transcoder_)
		return {};
	return [this](Record const &record) { return transcoder_->convert(record, dialect_); };
}

Result<OpenedFile, FileFailure> CsvInput::try_delimiter(char delimiter)
{
	start_reading(delimiter);
	Record record;
	std::vector<std::string> cells;
	if (options_.has_header) {
		if (Result<void, FileFailure> read = read_header(record); !read)
			return tl::make_unexpected(std::move(read.error()));
		if (Result<void, FileFailure> checked = check_column_count(record.cell_count()); !checked)
			return tl::make_unexpected(std::move(checked.error()));
		for (Cell const &cell : record.cells)
			cells.push_back(header_text(record, cell, dialect_));
	}
	std::vector<std::string> names = options_.field_names.empty() ? cells : options_.field_names;
	Result<Header, FileFailure> resolved =
		resolve_header(std::move(names), options_.columns, options_.has_event_name, options_.property_types);
	if (!resolved)
		return tl::make_unexpected(std::move(resolved.error()));
	std::optional<std::string> header_text;
	if (options_.has_header)
		header_text = record.raw;
	return OpenedFile{*std::move(resolved), dialect_, std::move(header_text), std::move(cells), encoding_name(), mark_,
					  compression_};
}

void CsvInput::drain()
{
	std::vector<char> room(kChunkSize);
	while (!is_at_end_)
		read(room);
}

std::array<std::uint8_t, PG_SHA256_DIGEST_LENGTH> CsvInput::hash()
{
	std::array<std::uint8_t, PG_SHA256_DIGEST_LENGTH> digest;
	pg_cryptohash_final(hash_, digest.data(), digest.size());
	return digest;
}

std::optional<std::uint64_t> CsvInput::uncompressed_bytes() const
{
	if (!decompressor_ || !decompressor_->is_finished())
		return std::nullopt;
	return decompressor_->bytes_out();
}

FileFailure to_failure(ArchiveError const &error, Source const &source)
{
	std::string hint = error.hint();
	if (error.kind() == ArchiveError::Kind::damaged && source.has_end_marker())
		hint += " psql sends an archive as it is only where COPY has the option \"compression\".";
	return {error.what(), std::move(hint)};
}

} // namespace vero::pg
