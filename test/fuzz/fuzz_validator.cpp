// Fuzzes the judging of records: any bytes behind a header; events and rejects are what a plain look at the cells says.
#include "core/csv/record_reader.hpp"
#include "core/intake/validator.hpp"
#include "core/property/number_cell.hpp"
#include "core/text/email_syntax.hpp"
#include "core/text/text.hpp"
#include "core/time/event_time.hpp"
#include "support/plain_jsonb.hpp"
#include "support/plain_numeric.hpp"
#include "support/plain_utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <set>

namespace {

using vero::ErrorCode;
using vero::RecordFault;

void require(bool condition)
{
	if (!condition)
		__builtin_trap();
}

std::vector<std::string> const names{"email", "b", "", "event", "time", "aa", "notes", "\xC3\xA4"};

vero::PropertyTypes make_types(bool has_types, bool has_clock)
{
	if (!has_types)
		return {};
	vero::PropertyTypes types{vero::PropertyType::automatic, {{"b", vero::PropertyType::text}}};
	if (!has_clock)
		types.named.push_back({"aa", vero::PropertyType::number});
	return types;
}

/// With a clock, "aa" is no property but the time of day behind "time".
vero::Header make_header(bool has_event_name, bool has_clock, bool has_types)
{
	std::vector<vero::ColumnTarget> targets{{"notes", {}}};
	if (has_clock)
		targets.push_back({"time", "time", "aa"});
	return vero::resolve_header(names, targets, has_event_name, make_types(has_types, has_clock)).value();
}

bool is_blank(vero::Record const &record, std::size_t from)
{
	return std::all_of(
		record.cells.begin() + static_cast<std::ptrdiff_t>(from), record.cells.end(),
		[&](auto const &cell) { return !cell.malformed && vero::trim_unseen(record.content(cell)).empty(); });
}

/// The value of a cell, or nothing where it has none.
std::optional<std::string> value_of(vero::Record const &record, vero::Cell const &cell, vero::Dialect const &dialect)
{
	std::string text(record.content(cell));
	if (!cell.quoted && text == dialect.null_string)
		return std::nullopt;
	return cell.escaped ? vero::unescape(text, dialect.quote, dialect.escape) : text;
}

/// A record judged plainly, cell by cell.
class PlainJudgement {
public:
	PlainJudgement(vero::Record const &record, vero::ValidationRules const &rules) : name(rules.event_name)
	{
		auto const &columns = rules.header.columns;
		check_whole(record, columns.size(), rules.null_padding);
		if (auto const at = rules.header.clock; at && *at < record.cells.size()) {
			auto const value = value_of(record, record.cells[*at], rules.dialect);
			clock = vero::trim_unseen(value.value_or(""));
		}
		for (std::size_t i = record.cells.size(); i < columns.size() && rules.null_padding; ++i) {
			if (record.fault == RecordFault::none)
				check_cell(columns[i], std::nullopt, rules, false);
		}
		for (std::size_t i = 0; i < std::min(columns.size(), record.cells.size()); ++i) {
			auto const content = record.content(record.cells[i]);
			if (record.cells[i].malformed || !vero::test::is_utf8_plain(content) || content.find('\0') != content.npos)
				continue;
			check_cell(columns[i], value_of(record, record.cells[i], rules.dialect), rules, record.cells[i].quoted);
		}
		std::sort(properties.begin(), properties.end(),
				  [](auto const &a, auto const &b) { return vero::test::is_key_before(a.first, b.first); });
		if (is_header(record, rules.dialect))
			codes = {ErrorCode::repeated_header};
	}

	std::set<ErrorCode> codes;
	std::string email;
	std::string name;
	std::int64_t occurred_at_us = 0;
	vero::test::StoredMembers properties;

private:
	std::string clock;

	void check_number(vero::Column const &column, std::string const &value, bool quoted)
	{
		vero::Decimal number;
		if (!quoted && value.empty())
			return;
		if (vero::read_number(vero::trim(value), std::nullopt, number) == vero::NumberFault::none)
			properties.emplace_back(column.property, vero::to_text(number));
		else
			codes.insert(ErrorCode::invalid_property);
	}

	static bool is_header(vero::Record const &record, vero::Dialect const &dialect)
	{
		if (record.fault != RecordFault::none || record.cells.size() < names.size() || !is_blank(record, names.size()))
			return false;
		for (std::size_t i = 0; i < names.size(); ++i) {
			std::string const text(record.content(record.cells[i]));
			auto const value = record.cells[i].escaped ? vero::unescape(text, dialect.quote, dialect.escape) : text;
			if (vero::trim_unseen(value) != names[i])
				return false;
		}
		return true;
	}

	void check_whole(vero::Record const &record, std::size_t columns, bool null_padding)
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
			require_not(record.cells.size() > columns && !is_blank(record, columns), ErrorCode::too_many_fields);
		}
		for (auto const &cell : record.cells)
			require_not(cell.malformed, ErrorCode::malformed_quote);
		require_not(record.raw.find('\0') != record.raw.npos, ErrorCode::nul_byte);
		require_not(!vero::test::is_utf8_plain(record.raw), ErrorCode::invalid_encoding);
	}

	void check_time(std::string const &text, vero::ValidationRules const &rules)
	{
		auto time = vero::parse_event_time(text, *rules.time_zone);
		if (!time && !rules.time_layouts.list.empty())
			time = rules.time_layouts.list.front().read(text, *rules.time_zone).instant_us;
		if (time)
			occurred_at_us = *time;
		else
			codes.insert(ErrorCode::invalid_time);
	}

	void check_cell(vero::Column const &column, std::optional<std::string> const &value,
					vero::ValidationRules const &rules, bool quoted)
	{
		auto const trimmed = std::string(vero::trim_unseen(value.value_or("")));
		switch (column.role) {
		case vero::Role::email:
			if (trimmed.empty() || vero::is_email_placeholder(trimmed))
				codes.insert(ErrorCode::missing_email);
			else if (!vero::append_normal_email(email, trimmed))
				codes.insert(ErrorCode::invalid_email);
			break;
		case vero::Role::event_name:
			name = vero::tidy_name(trimmed);
			if (name.empty())
				codes.insert(ErrorCode::missing_event_name);
			else if (vero::utf8_length(name) > 255)
				codes.insert(ErrorCode::event_name_too_long);
			break;
		case vero::Role::time:
			if (trimmed.empty())
				codes.insert(ErrorCode::missing_time);
			else
				check_time(clock.empty() ? trimmed : trimmed + " " + clock, rules);
			break;
		case vero::Role::unnamed:
			if (!trimmed.empty())
				codes.insert(ErrorCode::unnamed_column);
			break;
		case vero::Role::property:
			if (value && column.type == vero::PropertyType::number)
				check_number(column, *value, quoted);
			else if (value)
				properties.emplace_back(column.property, *value);
			break;
		case vero::Role::clock:
		case vero::Role::ignored:
			break;
		}
	}
};

bool is_storable(std::string_view text)
{
	return vero::test::is_utf8_plain(text) && text.find('\0') == text.npos;
}

/// The members of an object of texts, numbers and booleans, each as PostgreSQL shows it.
std::optional<vero::test::StoredMembers> show_members(std::string_view bytes)
{
	using vero::test::PlainContainer;
	PlainContainer const object(bytes);
	if (!object.is_valid(PlainContainer::Kind::object))
		return std::nullopt;
	vero::test::StoredMembers members;
	for (std::size_t i = 0; i < object.count(); ++i) {
		std::size_t const value = object.count() + i;
		auto const type = static_cast<vero::JsonbType>(object.type(value));
		std::optional<std::string> shown = object.text(value);
		if (type == vero::JsonbType::number)
			shown = vero::test::show_stored_numeric(object.container(value).value_or(""));
		else if (type == vero::JsonbType::is_true || type == vero::JsonbType::is_false)
			shown = type == vero::JsonbType::is_true ? "true" : "false";
		if (!shown)
			return std::nullopt;
		members.emplace_back(object.text(i), *shown);
	}
	return members;
}

void check_event(vero::Event const &event, std::vector<std::string> const &emails, PlainJudgement const &expected)
{
	require(expected.codes.empty());
	require(emails.at(event.contact) == expected.email);
	require(event.name.view() == expected.name && is_storable(expected.name));
	require(event.occurred_at_us == expected.occurred_at_us);
	require(reinterpret_cast<std::uintptr_t>(event.properties.start) % 4 == 0);
	auto const properties = show_members(event.properties.view());
	require(properties == expected.properties);
	for (auto const &[key, value] : *properties)
		require(is_storable(key) && is_storable(value));
}

void check_reject(vero::Reject const &reject, vero::Record const &record, PlainJudgement const &expected)
{
	require(!reject.errors.empty());
	std::set<ErrorCode> codes;
	for (auto const &error : reject.errors) {
		codes.insert(error.code);
		require(!error.message.empty() && is_storable(error.message));
		require(is_storable(error.column.value_or("")) && is_storable(error.value.value_or("")));
		require(vero::utf8_length(error.value.value_or("")) <= 103);
	}
	require(codes == expected.codes);
	require(is_storable(reject.reason.view()) && !reject.reason.view().empty());
	require(reinterpret_cast<std::uintptr_t>(reject.stored_errors.start) % 4 == 0);
	auto const stored = vero::test::read_stored_array(reject.stored_errors.view());
	require(stored && stored->size() == reject.errors.size());
	for (std::size_t i = 0; i < stored->size(); ++i) {
		auto const &error = reject.errors[i];
		require(stored->at(i) == vero::test::NullableMembers{{"code", std::string(name_of(error.code))},
															 {"value", error.value},
															 {"column", error.column},
															 {"message", error.message}});
	}
	require(reject.raw.view() == record.raw);
	require(reject.is_text == is_storable(record.raw));
	require(reject.line_number == record.line_number && reject.byte_offset == record.byte_offset);
}

/// One byte for a whole cell: what makes an event is soon found.
std::string expand(std::string_view bytes)
{
	static constexpr std::string_view words[] = {"a@x.io",
												 "A@X.io",
												 "\"b@x.io\"",
												 "2022-01-02",
												 "2022-01-02 03:04:05+10",
												 "n",
												 "\"n\"",
												 "\"n\"\"\"",
												 "\"\"",
												 "a@x.io,p,,n,2022-01-02,q,,r",
												 "NULL",
												 "\"NULL",
												 "\"\xC3\xA4\"",
												 "\n",
												 ",,,,,,,",
												 "email,b,,event,time,aa,notes,\xC3\xA4",
												 "\xC2\xA0",
												 "03:04",
												 "2/1/2022"};
	std::string text;
	for (char const c : bytes) {
		auto const word = static_cast<std::size_t>(static_cast<unsigned char>(c)) - 0xE1;
		text += word < std::size(words) ? words[word] : std::string_view(&c, 1);
	}
	return text;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const *data, std::size_t size)
{
	if (size < 2)
		return 0;
	static vero::TimeZone const zone(3600);
	vero::Dialect dialect;
	dialect.null_string = data[0] % 2 == 0 ? "" : "NULL";
	dialect.escape = data[0] / 2 % 2 == 0 ? '"' : '\\';
	dialect.quote = data[0] / 4 % 4 == 0 ? '\'' : '"';
	bool const has_event_name = data[0] / 16 % 4 == 0;
	std::size_t const limit = data[1] % 4 == 0 ? 1 + data[1] : 1000;
	std::size_t const batch_records = 1 + data[1] / 4 % 8;
	std::string_view const bytes(reinterpret_cast<char const *>(data) + 2, size - 2);

	vero::ValidationRules rules{make_header(has_event_name, data[1] / 32 % 2 == 1, data[0] / 16 % 4 == 1),
								dialect,
								has_event_name ? "told" : "",
								"UTF8",
								limit,
								&zone,
								{},
								names,
								data[0] >= 192};
	if (data[1] / 64 % 2 == 1)
		rules.time_layouts.list.push_back(vero::TimeLayout::compile("%d/%m/%Y").value());
	vero::Validator validator(rules);
	vero::ContactIndex contacts({data[0], data[1]}, 0);
	std::vector<std::string> emails; // by slot
	static vero::Batch batch;		 // its memory is not cheap
	batch.clear();

	vero::RecordReader reader(dialect, limit);
	reader.feed(data[1] < 128 ? expand(bytes) : std::string(bytes));
	reader.finish();
	vero::Record record;
	for (std::uint64_t number = 1; reader.next(record); ++number) {
		auto const events = batch.events.size();
		auto const rejects = batch.rejects.size();
		bool const is_judged = validator.judge(record, number, contacts, batch);
		bool const may_be_blank = record.fault == RecordFault::none && !record.has_nul && !record.cells.empty();
		require(is_judged == !(may_be_blank && is_blank(record, 0)));
		if (!is_judged) {
			require(batch.records() == events + rejects);
			continue;
		}
		PlainJudgement const expected(record, rules);
		require(batch.records() == events + rejects + 1);
		if (batch.events.size() > events) {
			if (contacts.size() > emails.size())
				emails.emplace_back(batch.new_contacts.back().view());
			require(contacts.size() == emails.size());
			check_event(batch.events.back(), emails, expected);
		} else {
			check_reject(batch.rejects.back(), record, expected);
			require(batch.rejects.back().record_number == number);
		}
		require(batch.events.empty() || is_storable(batch.events.front().name.view()));
		if (batch.records() == batch_records)
			batch.clear();
	}
	return 0;
}
