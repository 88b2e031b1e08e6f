// What the first bytes of a file tell: how it is compressed, whether it is CSV, and its encoding.
#include "core/csv/utf16.hpp"
#include "core/text/text.hpp"
#include "pg/input/csv_input.hpp"

extern "C" {
#include "mb/pg_wchar.h"
}

namespace vero::pg {
namespace {

constexpr std::string_view kJsonAdvice =
	R"(Make a CSV of it, for example with jq: jq -rn '[inputs] | (map(keys_unsorted) | add | unique) as $names | )"
	R"($names, (.[] | [.[$names[]] | if type == "object" or type == "array" then tojson else . end]) | @csv' )"
	R"(events.json > events.csv)";

constexpr std::string_view kUtf16ByPsql =
	R"(psql's \copy cannot send UTF-16. Send it as one value: \set content `base64 < file.csv`, and then )"
	R"(SELECT * FROM import_events_csv(content => decode(:'content', 'base64'), encoding => 'UTF-16').)";

} // namespace

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
	std::size_t const sent = beginning_.size();
	mark_ = byte_order_mark(beginning_);
	beginning_.erase(0, size_of(mark_));
	if (may_be_utf16_by_psql()) {
		return tl::make_unexpected(FileFailure{
			"the client sent " + count_of(sent, "byte") + ", perhaps of a UTF-16 file", std::string(kUtf16ByPsql)});
	}
	if (Result<void, FileFailure> found = find_unmarked_order(); !found)
		return found;
	if (utf16_order() || mark_ != ByteOrderMark::none)
		options_.encoding = PG_UTF8;
	if (options_.encoding != PG_UTF8)
		transcoder_.emplace(options_.encoding);
	told_delimiter_ = told_delimiter(first_text(kFormatPrefixSize), options_.dialect.quote);
	if (told_delimiter_ && !may_delimit(*told_delimiter_))
		told_delimiter_.reset();
	skipped_lines_ = std::max<std::uint64_t>(options_.skip_lines, told_delimiter_ ? 1 : 0);
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
	if (std::optional<std::string_view> json = json_format(beginning_)) {
		return tl::make_unexpected(
			FileFailure{"the file is not CSV but " + std::string(*json), std::string(kJsonAdvice)});
	}
	if (options_.compression && *options_.compression != compression_) {
		return tl::make_unexpected(
			FileFailure{"the file is no " + std::string(name_of(*options_.compression)) +
							" archive, as option \"compression\" says",
						"Leave the option out: a file's first bytes tell how it is compressed."});
	}
	return {};
}

/// In text a client sends nothing of a line behind a NUL byte: of UTF-16 there come its mark, if there is one, and the first letter, if its
/// order is little endian.
bool CsvInput::may_be_utf16_by_psql() const
{
	if (!source_.has_end_marker() || !is_whole_ || beginning_.size() > 1)
		return false;
	return beginning_.empty() ? utf16_byte_order(mark_).has_value() : !is_line_end(beginning_.front());
}

/// UTF-16 without a mark is read where the options say so, and else named.
Result<void, FileFailure> CsvInput::find_unmarked_order()
{
	if (mark_ != ByteOrderMark::none)
		return {};
	std::optional<ByteOrder> found = zero_byte_order(std::string_view(beginning_).substr(0, kFormatPrefixSize));
	if (!options_.utf16) {
		if (!found)
			return {};
		return tl::make_unexpected(
			FileFailure{"the file is UTF-16 without a byte order mark",
						"Read it with " + write_option(options_.notation, "encoding", utf16_encoding(*found)) + "."});
	}
	bool has_zero = beginning_.find('\0') < kFormatPrefixSize;
	if (!has_zero && !beginning_.empty()) {
		return tl::make_unexpected(FileFailure{"the file is not UTF-16, as option \"encoding\" says",
											   "Leave the option out, or name the encoding that it has."});
	}
	unmarked_order_ = *options_.utf16 == Utf16Name::big		 ? ByteOrder::big
					  : *options_.utf16 == Utf16Name::little ? ByteOrder::little
															 : found.value_or(ByteOrder::little);
	return {};
}

} // namespace vero::pg
