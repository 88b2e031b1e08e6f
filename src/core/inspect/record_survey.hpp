// Adds the values of records to what is known of their columns.
#pragma once

#include "core/csv/record.hpp"
#include "core/inspect/column_survey.hpp"
#include "core/intake/validator.hpp"
#include "core/text/text.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vero {

/// shown_value() of any cell.
std::string_view shown_value_slowly(Record const &record, Cell const &cell, Dialect const &dialect,
									std::string &buffer);
/// The cell's text, without what is not seen at its ends; empty where it has no value. The view is into the record or `buffer`.
inline std::string_view shown_value(Record const &record, Cell const &cell, Dialect const &dialect, std::string &buffer)
{
	if (cell.escaped || cell.malformed || !dialect.null_string.empty())
		return shown_value_slowly(record, cell, dialect, buffer);
	return cell.begin == cell.end ? std::string_view() : trim_unseen(record.content(cell));
}

/// Adds the values of a record to its columns. What stands beyond them is passed over.
void survey_cells(Record const &record, Dialect const &dialect, HashKey const &key, std::span<ColumnSurvey> columns);

/// All columns of a file, and its time where that stands in two of them. Of a record it needs the raw bytes and the cells.
class RecordSurvey {
public:
	/// `key` is random: hashes are counted.
	RecordSurvey(ValidationRules const &rules, HashKey const &key);

	/// A record that can be read. `email_hash` is email_hash() where the validator takes it for an event; else 0.
	void add(Record const &record, std::uint64_t email_hash);

	/// Of what stands in the email column; 0 where nothing does.
	std::uint64_t email_hash(Record const &record, std::string &buffer) const;
	std::span<ColumnSurvey const> columns() const { return columns_; }
	/// Of the time: of two columns where it stands in two.
	TimeSurvey const &times() const { return clock_ ? joined_times_ : columns_[time_].times(); }

private:
	void add_event(Record const &record, std::uint64_t email_hash);
	void add_joined_time(Record const &record);
	std::string_view value_at(Record const &record, std::size_t column, std::string &buffer) const;

	Dialect dialect_;
	HashKey key_;
	std::size_t email_, time_;
	std::optional<std::size_t> clock_;
	bool has_iso_times_; ///< of events, in one column
	std::vector<ColumnSurvey> columns_;
	TimeSurvey joined_times_;
	std::string buffer_, joined_;
};

} // namespace vero
