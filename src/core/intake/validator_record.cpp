// Judges a record as a whole: where reading it failed, how many cells it has, and what stands behind those of the header.
#include "core/intake/record_shape.hpp"
#include "core/intake/validator.hpp"
#include "core/text/text.hpp"

#include <algorithm>

namespace vero {
namespace {

std::string count_of_fields(std::uint64_t count)
{
	return std::to_string(count) + (count == 1 ? " field" : " fields");
}

constexpr std::size_t kListedMissing = 5; // columns

/// `column "time" is missing`, `columns "time" and "item" are missing`
std::string list_missing(std::span<Column const> columns)
{
	std::size_t const listed = std::min(columns.size(), kListedMissing);
	std::string words = columns.size() == 1 ? "column " : "columns ";
	for (std::size_t i = 0; i < listed; i++) {
		words += i == 0 ? "" : i + 1 == columns.size() ? " and " : ", ";
		words += quote_clipped(columns[i].name);
	}
	if (columns.size() > listed)
		words += " and " + std::to_string(columns.size() - listed) + " more";
	return words + (columns.size() == 1 ? " is missing" : " are missing");
}

} // namespace

/// Too many cells, but for blank ones, or too few, but for those of columns without a name.
void Validator::check_count(Record const &record)
{
	std::span<Column const> columns = rules_.header.columns;
	std::string const counts =
		"record has " + count_of_fields(record.cell_count()) + ", the header has " + std::to_string(columns.size());
	if (record.cell_count() > columns.size()) {
		if (is_blank_from(record, columns.size(), rules_.dialect)) {
			counts_.overlong_records++;
		} else {
			add_error(ErrorCode::too_many_fields, nullptr, {}, {counts});
		}
		return;
	}
	std::span<Column const> missing = columns.subspan(record.cell_count());
	bool is_complete =
		std::all_of(missing.begin(), missing.end(), [](Column const &column) { return column.role == Role::unnamed; });
	if (!is_complete && !rules_.null_padding)
		add_error(ErrorCode::too_few_fields, nullptr, {}, {counts, ": ", list_missing(missing)});
}

/// What is wrong behind the header's columns, or behind a quote that is not closed.
void Validator::check_rest(Record const &record)
{
	auto is_reported = [this](ErrorCode code) {
		return std::any_of(errors_.begin(), errors_.end(),
						   [code](RecordError const &error) { return error.code == code; });
	};
	if (std::uint64_t malformed = first_malformed(record); malformed != 0 && !is_reported(ErrorCode::malformed_quote)) {
		add_error(ErrorCode::malformed_quote, nullptr, {},
				  {"text follows the closing quote in field ", std::to_string(malformed)});
	}
	if (record.fault == RecordFault::undecodable || record.fault == RecordFault::too_long)
		return; // judged as a whole
	if (record.has_nul && !is_reported(ErrorCode::nul_byte))
		add_error(ErrorCode::nul_byte, nullptr, {}, {"record holds a NUL byte"});
	if (!is_utf8(record.raw) && !is_reported(ErrorCode::invalid_encoding)) {
		add_error(ErrorCode::invalid_encoding, nullptr, {},
				  {"record is not valid ", rules_.encoding, encoding_advice(record.raw)});
	}
}

/// Names the encoding in which bytes that are not UTF-8 are text.
std::string_view Validator::encoding_advice(std::string_view bytes) const
{
	return !encoding_advice_.empty() && reads_as_windows_1252(bytes) ? encoding_advice_ : std::string_view();
}

void Validator::check_fault(Record const &record)
{
	switch (record.fault) {
	case RecordFault::unterminated_quote: {
		std::uint64_t index = record.cell_count();
		bool is_known = index < rules_.header.columns.size();
		Column const *column = is_known ? &rules_.header.columns[index] : nullptr;
		add_error(ErrorCode::unterminated_quote, column, {},
				  {"quote that opens in ", is_known ? "column " : "field ",
				   is_known ? std::string(quoted(*column)) : std::to_string(index + 1),
				   " is not closed in this record"});
		break;
	}
	case RecordFault::too_long:
		add_error(ErrorCode::record_too_long, nullptr, {},
				  {"record is longer than the ", std::to_string(rules_.max_record_size),
				   " bytes that vero_events.max_record_size allows (its line has ", std::to_string(record.length),
				   ")"});
		break;
	case RecordFault::undecodable:
		if (record.has_nul) {
			add_error(ErrorCode::nul_byte, nullptr, {}, {"record holds a NUL byte"});
		} else {
			add_error(ErrorCode::invalid_encoding, nullptr, {}, {"record is not valid ", rules_.encoding});
		}
		break;
	case RecordFault::none:
		break;
	}
}

} // namespace vero
