// Reads a file as an import would, and keeps nothing but what there is to say of it.
#include "core/inspect/file_survey.hpp"

#include "core/intake/record_shape.hpp"
#include "core/text/text.hpp"

#include <algorithm>
#include <utility>

namespace vero {
namespace {

/// Contacts come again and again in a file; whether an address is one takes longer than to find it here.
constexpr std::size_t kGoodEmails = std::size_t{32} * 1024;

/// The cell's text, without what is not seen at its ends; empty where it has no value. The view is into the record or `buffer`.
std::string_view shown_value(Record const &record, Cell const &cell, Dialect const &dialect, std::string &buffer)
{
	std::string_view content = record.content(cell);
	bool const is_null = !dialect.null_string.empty() && !cell.quoted && content == dialect.null_string;
	if (content.empty() || cell.malformed || is_null)
		return {};
	if (cell.escaped) {
		buffer = unescape(content, dialect.quote, dialect.escape);
		content = buffer;
	}
	return trim_unseen(content);
}

/// `known_of(i)` is what is known of the value in a column.
template <class KnownOf>
void add_values(Record const &record, Dialect const &dialect, HashKey const &key, std::span<ColumnSurvey> columns,
				KnownOf const &known_of)
{
	std::string buffer;
	std::size_t const count = std::min(record.cells.size(), columns.size());
	for (std::size_t i = 0; i < count; i++) {
		std::string_view const value = shown_value(record, record.cells[i], dialect, buffer);
		if (!value.empty())
			columns[i].add(key, value, known_of(i));
	}
}

ValidationRules without_words(ValidationRules rules)
{
	rules.needs_words = false;
	return rules;
}

} // namespace

void survey_cells(Record const &record, Dialect const &dialect, HashKey const &key, std::span<ColumnSurvey> columns)
{
	add_values(record, dialect, key, columns, [](std::size_t) { return ColumnSurvey::Known::nothing; });
}

FileSurvey::FileSurvey(RecordStream stream, ValidationRules rules, Convert convert, HashKey const &key,
					   std::uint64_t max_records)
	: stream_(std::move(stream)), header_(rules.header), dialect_(rules.dialect), validator_(without_words(rules), key),
	  convert_(std::move(convert)), key_(key), is_utf8_file_(rules.encoding == "UTF8"),
	  has_iso_times_(rules.time_layouts.list.empty() && !header_.clock), max_records_(max_records),
	  good_emails_(kGoodEmails), joined_times_(1)
{
	std::size_t const count = header_.columns.size();
	columns_.reserve(count);
	for (std::size_t i = 0; i < count; i++)
		columns_.emplace_back(count);
	joined_times_.expect_times(rules.time_layouts.list);
	if (!header_.clock)
		columns_[header_.time].expect_times(rules.time_layouts.list);
	last_needed_ = std::max({header_.email, header_.event_name.value_or(0), header_.time, header_.clock.value_or(0)});
}

void FileSurvey::finish()
{
	stream_.finish();
	is_finished_ = true;
}

bool FileSurvey::go_on()
{
	Record record;
	while (stream_.next(record)) {
		if (records_ == max_records_) {
			is_over_ = true;
			return true;
		}
		look_at(convert_ ? convert_(record) : record);
	}
	is_over_ = is_whole_ = is_finished_;
	return is_over_;
}

void FileSurvey::look_at(Record const &record)
{
	if (is_blank(record, dialect_)) {
		blank_records_++;
		return;
	}
	records_++;
	std::uint64_t const email = hash_email(record);
	std::uint64_t &good_email = good_emails_[email % kGoodEmails];
	std::span<RecordError const> const errors = validator_.check(record, email != 0 && good_email == email);
	if (!errors.empty()) {
		rejects_++;
		note_errors(record, errors);
		bool const is_readable = record.fault == RecordFault::none && !record.has_nul && is_utf8(record.raw);
		if (!is_readable || errors.front().code == ErrorCode::repeated_header)
			return;
	}
	if (errors.empty()) {
		good_email = email;
		look_at_event(record);
	} else {
		survey_cells(record, dialect_, key_, columns_);
	}
	if (header_.clock)
		look_at_joined_time(record);
}

/// 0 where there is none.
std::uint64_t FileSurvey::hash_email(Record const &record)
{
	std::string_view const email = value_at(record, header_.email, buffer_);
	return email.empty() ? 0 : counting_hash(key_, email);
}

/// Of which the validator has seen the address and the time.
void FileSurvey::look_at_event(Record const &record)
{
	add_values(record, dialect_, key_, columns_, [this](std::size_t i) {
		if (i == header_.email)
			return ColumnSurvey::Known::address;
		return i == header_.time && has_iso_times_ ? ColumnSurvey::Known::iso_time : ColumnSurvey::Known::nothing;
	});
}

void FileSurvey::note_errors(Record const &record, std::span<RecordError const> errors)
{
	std::array<bool, kCodes> has_code{};
	for (RecordError const &error : errors)
		has_code[static_cast<std::size_t>(error.code)] = true;
	for (std::size_t i = 0; i < kCodes; i++)
		codes_[i] += has_code[i] ? 1 : 0;
	if (has_code[static_cast<std::size_t>(ErrorCode::too_few_fields)] && record.cells.size() > last_needed_)
		short_records_++;
	if (has_code[static_cast<std::size_t>(ErrorCode::invalid_encoding)] && is_utf8_file_ &&
		reads_as_windows_1252(record.raw))
		windows_1252_records_++;
}

std::string_view FileSurvey::value_at(Record const &record, std::size_t column, std::string &buffer) const
{
	if (column >= record.cells.size())
		return {};
	return shown_value(record, record.cells[column], dialect_, buffer);
}

/// As the validator joins it.
void FileSurvey::look_at_joined_time(Record const &record)
{
	std::string_view const date = value_at(record, header_.time, buffer_);
	if (date.empty())
		return;
	joined_.assign(date);
	if (std::string_view const clock = value_at(record, *header_.clock, buffer_); !clock.empty())
		joined_.append(1, ' ').append(clock);
	joined_times_.add(joined_);
}

} // namespace vero
