// Judges a record: an event, or a reject with every reason there is.
#include "core/intake/validator.hpp"

#include "core/intake/event_number.hpp"
#include "core/intake/record_shape.hpp"
#include "core/text/email_syntax.hpp"
#include "core/text/text.hpp"
#include "core/text/tidy_name.hpp"

#include <algorithm>
#include <utility>

namespace vero {
namespace {

static_assert(kMaxColumns <= jsonb_form::kMaxCount && kMaxErrors + 1 <= jsonb_form::kMaxCount,
			  "an object has a member for each column at most, the array of errors one more than are told");

/// Not only white space of any kind, but also what is not seen is no part of such a cell.
bool has_meaning(Role role)
{
	return role == Role::email || role == Role::event_name || role == Role::time;
}

} // namespace

Validator::Validator(ValidationRules rules, HashKey const &key)
	: rules_(std::move(rules)), typed_(rules_.header.columns.size()),
	  property_reader_(rules_.decimal_mark, rules_.notation), counts_{NameCounts(key), NameCounts(key)},
	  number_key_(key[0])
{
	counts_.layout_times.resize(rules_.time_layouts.list.size());
	for (std::size_t i = 0; i < rules_.header.columns.size(); i++) {
		Column const &column = rules_.header.columns[i];
		if (column.role == Role::property)
			properties_.push_back({column.property, i, column.type});
		if (column.role != Role::ignored && (column.role != Role::property || column.type != PropertyType::text))
			other_columns_.push_back(i);
	}
	std::sort(properties_.begin(), properties_.end(),
			  [](Property const &a, Property const &b) { return is_jsonb_key_less(a.key, b.key); });
	for (Column const &column : rules_.header.columns)
		quoted_columns_.push_back(quote_clipped(column.name));
	if (Header const &header = rules_.header; header.clock)
		time_columns_ = " (columns " + quoted_columns_[header.time] + " and " + quoted_columns_[*header.clock] + ")";
	if (rules_.encoding == "UTF8")
		encoding_advice_ = " (" + write_option(rules_.notation, "encoding", kWindows1252) + " reads it)";
	unnamed_advice_ = " (" + write_option(rules_.notation, "columns", R"({"": null})") + " leaves it out)";
}

bool Validator::judge(Record const &record, std::uint64_t record_number, ContactIndex &contacts, Batch &batch)
{
	if (is_blank(record, rules_.dialect)) {
		batch.blank_records++;
		return false;
	}
	if (batch.records() == 0)
		last_name_ = {};
	if (!check(record).empty()) {
		add_reject(record, record_number, batch);
		return true;
	}
	Hash128 const email_hash = contacts.prepare(email_);
	StoredBytes const name = store_name(batch), properties = build_properties(record, batch);
	std::uint32_t const known = contacts.size(), contact = contacts.find_or_add(email_hash);
	if (contact == known)
		batch.new_contacts.push_back(batch.store(email_));
	batch.events.push_back({contact, name, occurred_at_us_, properties});
	if (rules_.kept_origins != KeptOrigins::none)
		keep_origin(record, record_number, batch);
	if (rules_.keeps_addresses)
		keep_address(contact == known, batch);
	return true;
}

/// Those of new contacts are in the batch anyway, and files have runs of one contact's events.
void Validator::keep_address(bool is_new, Batch &batch) const
{
	if (is_new) {
		batch.addresses.push_back(batch.new_contacts.back());
	} else if (std::size_t count = batch.addresses.size();
			   count > 0 && batch.events[count].contact == batch.events[count - 1].contact) {
		batch.addresses.push_back(batch.addresses.back());
	} else {
		batch.addresses.push_back(batch.store(email_));
	}
}

/// Of the event of the record in hand. A number may have zeros behind the decimal point, alone or in another value.
std::uint64_t Validator::number_of(Event const &event) const
{
	auto is_number = [](Member const &member) {
		return member.type == JsonbType::number || member.type == JsonbType::container;
	};
	if (std::any_of(members_.begin(), members_.end(), is_number))
		return 0;
	return event_number(number_key_, event.name.view(), event.properties.view());
}

void Validator::keep_origin(Record const &record, std::uint64_t record_number, Batch &batch) const
{
	StoredBytes raw{};
	if (rules_.kept_origins == KeptOrigins::records)
		raw = batch.store(record.raw);
	batch.origins.push_back(
		{record_number, record.line_number, record.byte_offset, raw, number_of(batch.events.back())});
}

std::span<RecordError const> Validator::check(Record const &record, bool is_email_good)
{
	is_email_good_ = is_email_good;
	forget_errors();
	typed_bytes_.clear();
	is_text_ = record.fault != RecordFault::undecodable && !record.has_nul && is_utf8(record.raw);
	check_fields(record);
	if (!errors_.empty() && repeats_header(record, rules_.header_cells, rules_.dialect)) {
		forget_errors();
		add_error(ErrorCode::repeated_header, nullptr, {}, {"record is the header once more"});
	}
	return errors_;
}

void Validator::check_fields(Record const &record)
{
	std::size_t expected = rules_.header.columns.size();
	name_ = rules_.event_name;
	if (record.fault != RecordFault::none) {
		check_fault(record);
	} else if (record.cell_count() != expected) {
		check_count(record);
	}
	std::size_t count = std::min(record.cells.size(), expected);
	bool clean = is_text_ && first_malformed(record) == 0;
	if (!clean) {
		for (std::size_t i = 0; i < count; i++)
			check_cell(record, i);
		check_rest(record);
	} else {
		for (std::size_t index : other_columns_) {
			if (index < count)
				check_cell(record, index);
		}
	}
	if (count < expected && rules_.null_padding && record.fault == RecordFault::none)
		check_padding(record);
}

/// The cells that the record is short of have no value.
void Validator::check_padding(Record const &record)
{
	counts_.padded_records++;
	for (std::size_t index : other_columns_) {
		if (index >= record.cells.size())
			check_value(record, rules_.header.columns[index], index, {});
	}
}

void Validator::check_cell(Record const &record, std::size_t index)
{
	Column const &column = rules_.header.columns[index];
	Cell const &cell = record.cells[index];
	if (!check_bytes(cell, record.content(cell), column))
		return;
	std::string &buffer = column.role == Role::event_name ? name_buffer_ : buffer_;
	std::string_view const value = value_of(record, cell, buffer);
	std::string_view const trimmed = trim_unseen(value);
	is_trimmed_ = trimmed.size() != value.size() && has_meaning(column.role) && trimmed.size() != trim(value).size();
	counts_.trimmed_cells += is_trimmed_ ? 1 : 0;
	check_value(record, column, index, trimmed);
}

/// `value` is trimmed.
void Validator::check_value(Record const &record, Column const &column, std::size_t index, std::string_view value)
{
	switch (column.role) {
	case Role::email:
		check_email(value, column);
		break;
	case Role::event_name:
		check_event_name(value, column);
		break;
	case Role::time:
		check_time(record, value, column);
		break;
	case Role::unnamed:
		if (!value.empty()) {
			add_error(ErrorCode::unnamed_column, &column, value,
					  {"column ", std::to_string(index + 1), " has no name in the header, but holds ",
					   quote_clipped(value), unnamed_advice_});
		}
		break;
	case Role::property:
		if (column.type != PropertyType::text)
			check_property(record, index);
		break;
	case Role::clock: // judged with the date
	case Role::ignored:
		break;
	}
}

/// What makes a cell unreadable whatever it means.
bool Validator::check_bytes(Cell const &cell, std::string_view content, Column const &column)
{
	std::size_t before = error_count_;
	if (cell.malformed) {
		add_error(ErrorCode::malformed_quote, &column, content,
				  {"text follows the closing quote in column ", quoted(column)});
	}
	if (!is_text_ && content.find('\0') != content.npos)
		add_error(ErrorCode::nul_byte, &column, content, {"column ", quoted(column), " holds a NUL byte"});
	if (!is_text_ && !is_utf8(content)) {
		add_error(ErrorCode::invalid_encoding, &column, content,
				  {"column ", quoted(column), " is not valid ", rules_.encoding, encoding_advice(content)});
	}
	return error_count_ == before;
}

void Validator::check_email(std::string_view value, Column const &column)
{
	if (is_email_good_)
		return;
	if (value.empty()) {
		add_error(ErrorCode::missing_email, &column, value, {"email is missing"});
	} else if (is_email_placeholder(value)) {
		add_error(ErrorCode::missing_email, &column, value,
				  {"email is missing: ", quote_clipped(value), " is a placeholder"});
	} else if (email_.clear(); !append_normal_email(email_, value)) {
		add_error(ErrorCode::invalid_email, &column, value, {quote_clipped(value), " is not an email address"});
	}
}

void Validator::check_event_name(std::string_view value, Column const &column)
{
	// names repeat, and one that is stored is tidy
	bool const is_last = last_name_.start != nullptr && value == last_name_.view();
	if (!is_last && !is_tidy_ascii(value) && !is_tidy_latin(value)) [[unlikely]] {
		if (value != untidy_name_) {
			untidy_name_ = value;
			tidy_name_ = tidy_name(value);
		}
		counts_.trimmed_cells += !is_trimmed_ && tidy_name_ != value ? 1 : 0;
		value = tidy_name_;
	}
	name_ = value;
	if (value.empty()) {
		add_error(ErrorCode::missing_event_name, &column, value, {"event name is missing"});
	} else if (value.size() > kMaxEventNameLength) {
		if (std::size_t const length = utf8_length(value); length > kMaxEventNameLength) {
			add_error(ErrorCode::event_name_too_long, &column, value,
					  {"event name has ", std::to_string(length), " characters, ", std::to_string(kMaxEventNameLength),
					   " are allowed"});
		}
	}
}

bool Validator::has_value(Record const &record, Cell const &cell) const
{
	return cell.quoted || record.content(cell) != rules_.dialect.null_string;
}

/// The cell's text, empty where it has no value. The view is into the record or `buffer`.
std::string_view Validator::value_of(Record const &record, Cell const &cell, std::string &buffer) const
{
	if (!has_value(record, cell))
		return {};
	if (!cell.escaped)
		return record.content(cell);
	buffer = unescape(record.content(cell), rules_.dialect.quote, rules_.dialect.escape);
	return buffer;
}

StoredBytes Validator::store_name(Batch &batch)
{
	if (last_name_.start != nullptr && last_name_.view() == name_) {
		counts_.names.add_again();
		return last_name_;
	}
	counts_.names.add(name_);
	last_name_ = batch.store(name_);
	return last_name_;
}

} // namespace vero
