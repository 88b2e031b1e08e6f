// From a source's bytes to the records of a CSV: encoding, dialect and header found out.
#include "pg/csv_input.hpp"

#include "core/text.hpp"
#include "pg/boundary.hpp"
#include "pg/progress.hpp"

extern "C" {
#include "mb/pg_wchar.h"
}

namespace vero::pg {
namespace {

constexpr std::size_t kChunkSize = 128 * 1024;
constexpr std::array kDelimiters{',', ';', '\t', '|'}; // in the order in which they are tried

std::string cell_text(Record const &record, Cell const &cell, Dialect const &dialect)
{
	std::string_view content = record.content(cell);
	return std::string(trim(cell.escaped ? unescape(content, dialect.quote, dialect.escape) : std::string(content)));
}

FileFailure empty_file()
{
	return {"the file is empty", "It needs a header line and at least one record."};
}

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

/// Appends the next text, in UTF-8 or the file's own encoding; false at the end.
bool CsvInput::pull_into(std::string &text)
{
	raw_chunk_.resize(kChunkSize);
	std::size_t size = read(raw_chunk_);
	std::string_view bytes(raw_chunk_.data(), size);
	if (!utf16_)
		text.append(bytes);
	else if (size > 0)
		utf16_->decode(bytes, text);
	else
		utf16_->finish(text);
	return size > 0;
}

/// Gives the reader more; false when there is no more.
bool CsvInput::pull()
{
	if (is_at_end_)
		return false;
	if (!utf16_) {
		std::size_t size = read(reader_->prepare(kChunkSize));
		reader_->commit(size);
	} else {
		text_.clear();
		pull_into(text_);
		reader_->feed(text_);
	}
	if (is_at_end_)
		reader_->finish();
	return true;
}

std::variant<OpenedFile, FileFailure> CsvInput::open()
{
	while (text_.size() < kFormatPrefixSize && pull_into(text_))
		;
	if (std::optional<std::string_view> format = foreign_format(text_))
		return FileFailure{
			"the file is not CSV but " + std::string(*format),
			"Open it in the program that made it and save it as CSV (in a spreadsheet: Save As or Download, "
			"\"CSV UTF-8 (comma delimited)\")."};
	mark_ = byte_order_mark(text_);
	text_.erase(0, size_of(mark_));
	if (mark_ != ByteOrderMark::none)
		options_.encoding = PG_UTF8;
	if (mark_ == ByteOrderMark::utf16_little_endian || mark_ == ByteOrderMark::utf16_big_endian) {
		utf16_.emplace(mark_ == ByteOrderMark::utf16_big_endian ? ByteOrder::big : ByteOrder::little);
		std::string raw = std::exchange(text_, {});
		utf16_->decode(raw, text_);
		if (is_at_end_)
			utf16_->finish(text_);
	} else if (options_.encoding != PG_UTF8)
		transcoder_.emplace(options_.encoding);

	std::optional<FileFailure> first_failure;
	for (char delimiter : delimiters()) {
		std::variant<OpenedFile, FileFailure> opened = try_delimiter(delimiter);
		auto *failure = std::get_if<FileFailure>(&opened);
		if (failure == nullptr || !failure->no_email_column) {
			text_.clear();
			return opened;
		}
		if (!first_failure)
			first_failure = std::move(*failure);
	}
	return *first_failure;
}

std::vector<char> CsvInput::delimiters() const
{
	if (options_.delimiter)
		return {*options_.delimiter};
	if (!options_.field_names.empty())
		return {kDelimiters.front()};
	std::vector<char> candidates;
	for (char c : kDelimiters)
		if (c != options_.dialect.quote && c != options_.dialect.escape &&
			(!transcoder_ || transcoder_->may_delimit(c)))
			candidates.push_back(c);
	return candidates;
}

void CsvInput::start_reading(char delimiter)
{
	dialect_ = options_.dialect;
	dialect_.delimiter = delimiter;
	if (transcoder_)
		transcoder_->check(dialect_);
	reader_.emplace(dialect_, max_record_size_);
	reader_->feed(text_);
	if (is_at_end_)
		reader_->finish();
}

std::optional<FileFailure> CsvInput::read_header(Record &record)
{
	while (!reader_->next(record)) {
		if (is_at_end_)
			return empty_file();
		std::size_t before = text_.size();
		pull_into(text_);
		reader_->feed(std::string_view(text_).substr(before));
		if (is_at_end_)
			reader_->finish();
	}
	if (is_end_marker(record))
		return empty_file();
	if (transcoder_)
		record = transcoder_->convert(record, dialect_);
	if (record.fault == RecordFault::undecodable || record.has_nul || !is_utf8(record.raw))
		return FileFailure{"the header is not valid text in encoding " +
							   std::string(pg_encoding_to_char(options_.encoding)),
						   "Save the file as UTF-8, or name its encoding with the option \"encoding\"."};
	if (record.fault == RecordFault::too_long)
		return FileFailure{"the header is longer than vero_events.max_record_size allows", ""};
	bool is_malformed =
		record.fault == RecordFault::unterminated_quote ||
		std::any_of(record.cells.begin(), record.cells.end(), [](Cell const &cell) { return cell.malformed; });
	if (is_malformed)
		return FileFailure{"a quote in the header is not closed, or text follows it", "", true};
	return std::nullopt;
}

std::variant<OpenedFile, FileFailure> CsvInput::try_delimiter(char delimiter)
{
	start_reading(delimiter);
	Record record;
	std::vector<std::string> names = options_.field_names;
	if (options_.has_header) {
		if (std::optional<FileFailure> failure = read_header(record))
			return *failure;
		if (names.empty())
			for (Cell const &cell : record.cells)
				names.push_back(cell_text(record, cell, dialect_));
	}
	auto resolved = resolve_header(std::move(names), options_.columns, options_.has_event_name);
	if (auto *failure = std::get_if<FileFailure>(&resolved))
		return std::move(*failure);
	std::optional<std::string> header_text;
	if (options_.has_header)
		header_text = record.raw;
	return OpenedFile{std::get<Header>(std::move(resolved)), dialect_, std::move(header_text),
					  utf16_ ? "UTF-16" : pg_encoding_to_char(options_.encoding), mark_};
}

bool CsvInput::next(Record &record)
{
	if (is_over_)
		return false;
	while (!reader_->next(record))
		if (!pull())
			return false;
	if (is_end_marker(record))
		return false;
	if (transcoder_)
		record = transcoder_->convert(record, dialect_);
	if (utf16_)
		record.byte_offset = utf16_->original_offset(record.byte_offset);
	record.byte_offset += size_of(mark_);
	return true;
}

/// psql up to 17 sends the line that ends inline data along with them.
bool CsvInput::is_end_marker(Record const &record)
{
	is_over_ = source_.has_end_marker() && record.raw == "\\.";
	return is_over_;
}

void CsvInput::drain()
{
	raw_chunk_.resize(kChunkSize);
	while (!is_at_end_)
		read(raw_chunk_);
}

std::array<std::uint8_t, PG_SHA256_DIGEST_LENGTH> CsvInput::hash()
{
	std::array<std::uint8_t, PG_SHA256_DIGEST_LENGTH> digest;
	pg_cryptohash_final(hash_, digest.data(), digest.size());
	return digest;
}

} // namespace vero::pg
