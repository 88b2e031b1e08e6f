// Judges records as plainly as can be, cell by cell: what the validator is tested against.
#pragma once

#include "core/intake/validator.hpp"
#include "core/property/number_cell.hpp"
#include "core/text/email_syntax.hpp"
#include "core/text/text.hpp"
#include "core/text/tidy_name.hpp"
#include "core/time/event_time.hpp"
#include "support/plain_jsonb.hpp"
#include "support/plain_utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace vero::test {

/// Whether nothing is seen in the cells from this one on.
inline bool is_blank_from(Record const &record, std::size_t from)
{
	return std::all_of(record.cells.begin() + static_cast<std::ptrdiff_t>(from), record.cells.end(),
					   [&](auto const &cell) { return !cell.malformed && trim_unseen(record.content(cell)).empty(); });
}

/// The value of a cell, or nothing where it has none.
inline std::optional<std::string> value_of(Record const &record, Cell const &cell, Dialect const &dialect)
{
	std::string text(record.content(cell));
	if (!cell.quoted && text == dialect.null_string)
		return std::nullopt;
	return cell.escaped ? unescape(text, dialect.quote, dialect.escape) : text;
}

/// A record judged plainly, cell by cell.
class PlainJudgement {
public:
	PlainJudgement(Record const &record, ValidationRules const &rules) : name(rules.event_name)
	{
		auto const &columns = rules.header.columns;
		check_whole(record, columns.size(), rules.null_padding);
		if (auto const at = rules.header.clock; at && *at < record.cells.size()) {
			auto const value = value_of(record, record.cells[*at], rules.dialect);
			clock = trim_unseen(value.value_or(""));
		}
		for (std::size_t i = record.cells.size(); i < columns.size() && rules.null_padding; ++i) {
			if (record.fault == RecordFault::none)
				check_cell(columns[i], std::nullopt, rules, false);
		}
		for (std::size_t i = 0; i < std::min(columns.size(), record.cells.size()); ++i) {
			auto const content = record.content(record.cells[i]);
			if (record.cells[i].malformed || !is_utf8_plain(content) || content.find('\0') != content.npos)
				continue;
			check_cell(columns[i], value_of(record, record.cells[i], rules.dialect), rules, record.cells[i].quoted);
		}
		std::sort(properties.begin(), properties.end(),
				  [](auto const &a, auto const &b) { return is_key_before(a.first, b.first); });
		if (is_header(record, rules))
			codes = {ErrorCode::repeated_header};
	}

	std::set<ErrorCode> codes;
	std::string email;
	std::string name;
	std::int64_t occurred_at_us = 0;
	StoredMembers properties;

private:
	std::string clock;

	void check_number(Column const &column, std::string const &value, bool quoted)
	{
		Decimal number;
		if (!quoted && value.empty())
			return;
		if (read_number(trim(value), std::nullopt, number) == NumberFault::none)
			properties.emplace_back(column.property, to_text(number));
		else
			codes.insert(ErrorCode::invalid_property);
	}

	static bool is_header(Record const &record, ValidationRules const &rules)
	{
		auto const &names = rules.header_cells;
		Dialect const &dialect = rules.dialect;
		if (record.fault != RecordFault::none || record.cells.size() < names.size() ||
			!is_blank_from(record, names.size()))
			return false;
		for (std::size_t i = 0; i < names.size(); ++i) {
			std::string const text(record.content(record.cells[i]));
			auto const value = record.cells[i].escaped ? unescape(text, dialect.quote, dialect.escape) : text;
			if (trim_unseen(value) != names[i])
				return false;
		}
		return true;
	}

	void check_whole(Record const &record, std::size_t columns, bool null_padding)
	{
		auto const require_not = [this](bool condition, ErrorCode code) {
			if (condition)
				codes.insert(code);
		};
		require_not(record.fault == RecordFault::unterminated_quote, ErrorCode::unterminated_quote);
		require_not(record.fault == RecordFault::too_long, ErrorCode::record_too_long);
		if (record.fault == RecordFault::too_long)
			return;
		if (record.fault == RecordFault::none) {
			require_not(record.cells.size() < columns && !null_padding, ErrorCode::too_few_fields);
			require_not(record.cells.size() > columns && !is_blank_from(record, columns), ErrorCode::too_many_fields);
		}
		for (auto const &cell : record.cells)
			require_not(cell.malformed, ErrorCode::malformed_quote);
		require_not(record.raw.find('\0') != record.raw.npos, ErrorCode::nul_byte);
		require_not(!is_utf8_plain(record.raw), ErrorCode::invalid_encoding);
	}

	void check_time(std::string const &text, ValidationRules const &rules)
	{
		auto time = parse_event_time(text, *rules.time_zone);
		if (!time && !rules.time_layouts.list.empty())
			time = rules.time_layouts.list.front().read(text, *rules.time_zone).instant_us;
		if (time)
			occurred_at_us = *time;
		else
			codes.insert(ErrorCode::invalid_time);
	}

	void check_cell(Column const &column, std::optional<std::string> const &value, ValidationRules const &rules,
					bool quoted)
	{
		auto const trimmed = std::string(trim_unseen(value.value_or("")));
		switch (column.role) {
		case Role::email:
			if (trimmed.empty() || is_email_placeholder(trimmed))
				codes.insert(ErrorCode::missing_email);
			else if (!append_normal_email(email, trimmed))
				codes.insert(ErrorCode::invalid_email);
			break;
		case Role::event_name:
			name = tidy_name(trimmed);
			if (name.empty())
				codes.insert(ErrorCode::missing_event_name);
			else if (utf8_length(name) > 255)
				codes.insert(ErrorCode::event_name_too_long);
			break;
		case Role::time:
			if (trimmed.empty())
				codes.insert(ErrorCode::missing_time);
			else
				check_time(clock.empty() ? trimmed : trimmed + " " + clock, rules);
			break;
		case Role::unnamed:
			if (!trimmed.empty())
				codes.insert(ErrorCode::unnamed_column);
			break;
		case Role::property:
			if (value && column.type == PropertyType::number)
				check_number(column, *value, quoted);
			else if (value)
				properties.emplace_back(column.property, *value);
			break;
		case Role::clock:
		case Role::ignored:
			break;
		}
	}
};

} // namespace vero::test
