// Opens a CSV: finds out encoding, dialect and header, or what would help.
#include "core/csv/utf16.hpp"
#include "core/intake/batch.hpp"
#include "core/intake/record_shape.hpp"
#include "core/text/text.hpp"
#include "pg/base/settings.hpp"
#include "pg/input/csv_input.hpp"

extern "C" {
#include "mb/pg_wchar.h"
}

namespace vero::pg {
namespace {

/// Bytes of the file in which the header ends: it is held in memory several times over while it is read.
constexpr std::size_t kMaxHeaderSize = 2 * 1024 * 1024;

// What RecordReader asks of its limit and chunks, of which the first are all that was read while the header was looked for, and then what
// a record has become in UTF-8.
constexpr std::size_t kMaxPosition = std::size_t{1} << 31;
constexpr std::size_t kLargestInUtf8 = static_cast<std::size_t>(kLargestRecord) * MAX_CONVERSION_GROWTH;
static_assert(kMaxHeaderSize % CsvInput::kChunkSize == 0, "so many chunks");
static_assert(kLargestRecord + kMaxHeaderSize + 2 * CsvInput::kChunkSize < kMaxPosition);
static_assert(2 * kLargestInUtf8 + 1 < kMaxPosition);
static_assert(kLargestInUtf8 < kMaxStoredSize, "a reject's record can be stored");
constexpr std::array kDelimiters{',', ';', '\t', '|'}; // in the order in which they are tried

} // namespace

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
	std::optional<FileFailure> failure; // under the delimiter that makes most columns
	TriedHeader most;
	for (char delimiter : delimiters()) {
		Result<OpenedFile, FileFailure> opened = try_delimiter(delimiter);
		if (opened)
			return opened;
		if (!opened.error().no_email_column)
			return tl::make_unexpected(explain(std::move(opened.error())));
		if (!failure || tried_.cells > most.cells) {
			failure = std::move(opened.error());
			most = tried_;
		}
	}
	tried_ = std::move(most);
	return tl::make_unexpected(explain(*std::move(failure)));
}

/// The first `size` bytes of the file as text, or what they become: without the mark, in UTF-8, as far as they can be converted.
std::string CsvInput::first_text(std::size_t size)
{
	std::string_view bytes = std::string_view(beginning_).substr(0, size);
	std::string text;
	if (std::optional<ByteOrder> order = utf16_order()) {
		Utf16Decoder(*order).decode(bytes, text);
	} else {
		text = transcoder_ ? transcoder_->as_far_as_utf8(bytes) : bytes;
	}
	return text;
}

FileBeginning CsvInput::beginning()
{
	while (beginning_.size() < kSearchedSize && !is_whole_ && read_more())
		;
	return {first_text(kSearchedSize),
			options_.dialect,
			delimiters(),
			skipped_lines_,
			max_record_size_,
			options_.columns,
			options_.has_event_name,
			options_.notation,
			is_whole_ && beginning_.size() <= kSearchedSize};
}

FileFailure CsvInput::explain(FileFailure failure)
{
	return explain_failure(std::move(failure), tried_, beginning());
}

std::optional<ByteOrder> CsvInput::utf16_order() const
{
	return unmarked_order_ ? unmarked_order_ : utf16_byte_order(mark_);
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
					StreamForm{mark_, source_.has_end_marker() && !decompressor_, skipped_lines_, unmarked_order_});
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
	tried_.line = record.line_number;
	tried_.cells = record.cell_count();
	if (transcoder_)
		record = transcoder_->convert(record, dialect_);
	if (record.fault == RecordFault::undecodable || record.has_nul || !is_utf8(record.raw)) {
		std::string hint = "Save the file as UTF-8, or name its encoding with the option \"encoding\".";
		if (!transcoder_ && !utf16_order() && reads_as_windows_1252(record.raw))
			hint = "Read it with " + write_option(options_.notation, "encoding", kWindows1252) + ".";
		return tl::make_unexpected(
			FileFailure{"the header is not valid text in encoding " + encoding_name(), std::move(hint)});
	}
	if (record.fault == RecordFault::too_long)
		return tl::make_unexpected(FileFailure{"the header is longer than vero_events.max_record_size allows", ""});
	if (record.fault == RecordFault::unterminated_quote || first_malformed(record) != 0)
		return tl::make_unexpected(FileFailure{"a quote in the header is not closed, or text follows it", "", true});
	return {};
}

std::string CsvInput::encoding_name() const
{
	if (unmarked_order_)
		return std::string(utf16_encoding(*unmarked_order_));
	return utf16_order() ? "UTF-16" : pg_encoding_to_char(options_.encoding);
}

Result<OpenedFile, FileFailure> CsvInput::try_delimiter(char delimiter)
{
	tried_ = {delimiter, {}, 0, 1, options_.has_header};
	start_reading(delimiter);
	Record record;
	std::vector<std::string> cells;
	if (options_.has_header) {
		if (Result<void, FileFailure> read = read_header(record); !read)
			return tl::make_unexpected(std::move(read.error()));
		if (Result<void, FileFailure> checked = check_column_count(record.cell_count()); !checked)
			return tl::make_unexpected(std::move(checked.error()));
		cells = header_texts(record, dialect_);
	}
	tried_.names = options_.field_names.empty() ? cells : options_.field_names;
	Result<Header, FileFailure> resolved =
		resolve_header(tried_.names, options_.columns, options_.has_event_name, options_.property_types);
	if (!resolved)
		return tl::make_unexpected(std::move(resolved.error()));
	std::optional<std::string> header_text;
	if (options_.has_header)
		header_text = record.raw;
	return OpenedFile{*std::move(resolved),
					  dialect_,
					  std::move(header_text),
					  std::move(cells),
					  encoding_name(),
					  mark_,
					  utf16_order(),
					  compression_,
					  tried_.line,
					  told_delimiter_.has_value()};
}

} // namespace vero::pg
