// Adds the values of records to what is known of their columns.
#include "core/inspect/record_survey.hpp"

#include <algorithm>

namespace vero {

std::string_view shown_value_slowly(Record const &record, Cell const &cell, Dialect const &dialect, std::string &buffer)
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

void survey_cells(Record const &record, Dialect const &dialect, HashKey const &key, std::span<ColumnSurvey> columns)
{
	std::string buffer;
	std::size_t const count = std::min(record.cells.size(), columns.size());
	for (std::size_t i = 0; i < count; i++) {
		std::string_view const value = shown_value(record, record.cells[i], dialect, buffer);
		if (!value.empty())
			columns[i].add(counting_hash(key, value), value);
	}
}

RecordSurvey::RecordSurvey(ValidationRules const &rules, HashKey const &key)
	: dialect_(rules.dialect), key_(key), email_(rules.header.email), time_(rules.header.time),
	  clock_(rules.header.clock), has_iso_times_(rules.time_layouts.list.empty() && !clock_), joined_times_(1)
{
	std::size_t const count = rules.header.columns.size();
	columns_.reserve(count);
	for (std::size_t i = 0; i < count; i++)
		columns_.emplace_back(count);
	joined_times_.expect_times(rules.time_layouts.list);
	if (!clock_)
		columns_[time_].expect_times(rules.time_layouts.list);
}

void RecordSurvey::add(Record const &record, std::uint64_t email_hash)
{
	if (email_hash != 0) {
		add_event(record, email_hash);
	} else {
		survey_cells(record, dialect_, key_, columns_);
	}
	if (clock_)
		add_joined_time(record);
}

/// Of which the validator has seen the address and the time.
void RecordSurvey::add_event(Record const &record, std::uint64_t email_hash)
{
	using Known = ColumnSurvey::Known;
	std::size_t const count = std::min(record.cells.size(), columns_.size());
	for (std::size_t i = 0; i < count; i++) {
		std::string_view const value = shown_value(record, record.cells[i], dialect_, buffer_);
		if (value.empty())
			continue;
		if (i == email_) {
			columns_[i].add(email_hash, value, Known::address);
		} else {
			bool const is_iso_time = i == time_ && has_iso_times_;
			columns_[i].add(counting_hash(key_, value), value, is_iso_time ? Known::iso_time : Known::nothing);
		}
	}
}

std::uint64_t RecordSurvey::email_hash(Record const &record, std::string &buffer) const
{
	std::string_view const email = value_at(record, email_, buffer);
	return email.empty() ? 0 : counting_hash(key_, email);
}

std::string_view RecordSurvey::value_at(Record const &record, std::size_t column, std::string &buffer) const
{
	if (column >= record.cells.size())
		return {};
	return shown_value(record, record.cells[column], dialect_, buffer);
}

/// As the validator joins it.
void RecordSurvey::add_joined_time(Record const &record)
{
	std::string_view const date = value_at(record, time_, buffer_);
	if (date.empty())
		return;
	joined_.assign(date);
	if (std::string_view const clock = value_at(record, *clock_, buffer_); !clock.empty())
		joined_.append(1, ' ').append(clock);
	joined_times_.add(joined_);
}

} // namespace vero
