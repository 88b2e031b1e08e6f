// Judges a record: an event, or a reject with every reason there is.
#include "core/intake/validator.hpp"

#include "core/text/email_syntax.hpp"
#include "core/text/text.hpp"

#include <algorithm>
#include <utility>

namespace vero {
namespace {

static_assert(kMaxColumns <= jsonb_form::kMaxCount && kMaxErrors + 1 <= jsonb_form::kMaxCount,
			  "an object has a member for each column at most, the array of errors one more than are told");

std::string count_of_fields(std::uint64_t count)
{
	return std::to_string(count) + (count == 1 ? " field" : " fields");
}

/// Its number, from 1; 0: none.
std::uint64_t first_malformed(Record const &record)
{
	auto malformed =
		std::find_if(record.cells.begin(), record.cells.end(), [](Cell const &cell) { return cell.malformed; });
	return malformed == record.cells.end() ? record.malformed_cell : malformed - record.cells.begin() + 1;
}

} // namespace

Validator::Validator(ValidationRules rules) : rules_(std::move(rules))
{
	for (std::size_t i = 0; i < rules_.header.columns.size(); i++) {
		Column const &column = rules_.header.columns[i];
		if (column.role == Role::property) {
			properties_.push_back({column.property, i});
		} else if (column.role != Role::ignored) {
			other_columns_.push_back(i);
		}
	}
	std::sort(properties_.begin(), properties_.end(),
			  [](Property const &a, Property const &b) { return is_jsonb_key_less(a.key, b.key); });
	if (Header const &header = rules_.header; header.clock) {
		time_columns_ = " (columns " + quote_clipped(header.columns[header.time].name) + " and " +
						quote_clipped(header.columns[*header.clock].name) + ")";
	}
}

void Validator::judge(Record const &record, std::uint64_t record_number, ContactIndex &contacts, Batch &batch)
{
	errors_.clear();
	error_count_ = 0;
	if (batch.records() == 0)
		last_name_ = {};
	is_text_ = record.fault != RecordFault::undecodable && !record.has_nul && is_utf8(record.raw);
	check_fields(record);
	if (!errors_.empty()) {
		add_reject(record, record_number, batch);
		return;
	}
	std::uint32_t known = contacts.size();
	std::uint32_t contact = contacts.find_or_add(email_);
	if (contact == known)
		batch.new_contacts.push_back(batch.store(email_));
	batch.events.push_back({contact, store_name(batch), occurred_at_us_, build_properties(record, batch)});
}

void Validator::check_fields(Record const &record)
{
	std::size_t expected = rules_.header.columns.size();
	name_ = rules_.event_name;
	if (record.fault != RecordFault::none) {
		check_fault(record);
	} else if (record.cell_count() != expected) {
		bool few = record.cell_count() < expected;
		add_error(few ? ErrorCode::too_few_fields : ErrorCode::too_many_fields, nullptr, {},
				  "record has " + count_of_fields(record.cell_count()) + ", the header has " +
					  std::to_string(expected));
	}
	std::size_t count = std::min(record.cells.size(), expected);
	bool clean = is_text_ && first_malformed(record) == 0;
	if (!clean) {
		for (std::size_t i = 0; i < count; i++)
			check_cell(record, i);
		check_rest(record);
		return;
	}
	for (std::size_t index : other_columns_) {
		if (index < count)
			check_cell(record, index);
	}
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
				  "text follows the closing quote in field " + std::to_string(malformed));
	}
	if (record.fault == RecordFault::undecodable || record.fault == RecordFault::too_long)
		return; // judged as a whole
	if (record.has_nul && !is_reported(ErrorCode::nul_byte))
		add_error(ErrorCode::nul_byte, nullptr, {}, "record holds a NUL byte");
	if (!is_utf8(record.raw) && !is_reported(ErrorCode::invalid_encoding))
		add_error(ErrorCode::invalid_encoding, nullptr, {}, "record is not valid " + rules_.encoding);
}

void Validator::check_fault(Record const &record)
{
	switch (record.fault) {
	case RecordFault::unterminated_quote: {
		std::uint64_t index = record.cell_count();
		bool is_known = index < rules_.header.columns.size();
		Column const *column = is_known ? &rules_.header.columns[index] : nullptr;
		add_error(ErrorCode::unterminated_quote, column, {},
				  "quote that opens in " +
					  (is_known ? "column " + quote_clipped(column->name) : "field " + std::to_string(index + 1)) +
					  " is not closed in this record");
		break;
	}
	case RecordFault::too_long:
		add_error(ErrorCode::record_too_long, nullptr, {},
				  "record is longer than the " + std::to_string(rules_.max_record_size) +
					  " bytes that vero_events.max_record_size allows (its line has " + std::to_string(record.length) +
					  ")");
		break;
	case RecordFault::undecodable:
		if (record.has_nul) {
			add_error(ErrorCode::nul_byte, nullptr, {}, "record holds a NUL byte");
		} else {
			add_error(ErrorCode::invalid_encoding, nullptr, {}, "record is not valid " + rules_.encoding);
		}
		break;
	case RecordFault::none:
		break;
	}
}

void Validator::check_cell(Record const &record, std::size_t index)
{
	Column const &column = rules_.header.columns[index];
	Cell const &cell = record.cells[index];
	if (!check_bytes(cell, record.content(cell), column))
		return;
	switch (column.role) {
	case Role::email:
		check_email(trim(value_of(record, cell, buffer_)), column);
		break;
	case Role::event_name:
		check_event_name(trim(value_of(record, cell, name_buffer_)), column);
		break;
	case Role::time:
		check_time(record, cell, column);
		break;
	case Role::unnamed:
		if (std::string_view value = trim(value_of(record, cell, buffer_)); !value.empty()) {
			add_error(ErrorCode::unnamed_column, &column, value,
					  "column " + std::to_string(index + 1) + " has no name in the header, but holds " +
						  quote_clipped(value));
		}
		break;
	case Role::clock: // judged with the date
	case Role::property:
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
				  "text follows the closing quote in column " + quote_clipped(column.name));
	}
	if (!is_text_ && content.find('\0') != content.npos)
		add_error(ErrorCode::nul_byte, &column, content, "column " + quote_clipped(column.name) + " holds a NUL byte");
	if (!is_text_ && !is_utf8(content)) {
		add_error(ErrorCode::invalid_encoding, &column, content,
				  "column " + quote_clipped(column.name) + " is not valid " + rules_.encoding);
	}
	return error_count_ == before;
}

void Validator::check_email(std::string_view value, Column const &column)
{
	if (value.empty()) {
		add_error(ErrorCode::missing_email, &column, value, "email is missing");
	} else if (is_email_placeholder(value)) {
		add_error(ErrorCode::missing_email, &column, value,
				  "email is missing: " + quote_clipped(value) + " is a placeholder");
	} else if (email_.clear(); !append_normal_email(email_, value)) {
		add_error(ErrorCode::invalid_email, &column, value, quote_clipped(value) + " is not an email address");
	}
}

void Validator::check_event_name(std::string_view value, Column const &column)
{
	name_ = value;
	if (value.empty()) {
		add_error(ErrorCode::missing_event_name, &column, value, "event name is missing");
	} else if (value.size() > kMaxEventNameLength && utf8_length(value) > kMaxEventNameLength) {
		add_error(ErrorCode::event_name_too_long, &column, value,
				  "event name has " + std::to_string(utf8_length(value)) + " characters, " +
					  std::to_string(kMaxEventNameLength) + " are allowed");
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

StoredBytes Validator::build_properties(Record const &record, Batch &batch)
{
	members_.clear();
	for (Property const &property : properties_) {
		Cell const &cell = record.cells[property.column];
		if (!has_value(record, cell))
			continue;
		std::string_view value = value_of(record, cell, buffer_);
		if (cell.escaped)
			value = batch.store(value).view();
		members_.push_back({property.key, value});
	}
	StoredBytes stored = batch.allocate(jsonb_object_size(members_));
	write_jsonb_object(members_, stored.start);
	return stored;
}

StoredBytes Validator::store_name(Batch &batch)
{
	if (last_name_.start == nullptr || last_name_.view() != name_)
		last_name_ = batch.store(name_);
	return last_name_;
}

void Validator::add_error(ErrorCode code, Column const *column, std::string_view value, std::string message)
{
	error_count_++;
	if (errors_.size() == kMaxErrors)
		return;
	RecordError error{code, std::nullopt, std::nullopt, std::move(message)};
	if (column != nullptr) {
		error.column = column->name;
		error.value = clip_printable(value);
	}
	errors_.push_back(std::move(error));
}

void Validator::add_reject(Record const &record, std::uint64_t record_number, Batch &batch)
{
	if (std::size_t more = error_count_ - errors_.size(); more > 0) {
		errors_.push_back(
			{ErrorCode::more_errors, std::nullopt, std::to_string(more),
			 "and " + group_digits(static_cast<std::int64_t>(more)) + (more == 1 ? " more error" : " more errors")});
	}
	members_.clear();
	buffer_.clear();
	for (RecordError const &error : errors_) {
		buffer_ += (buffer_.empty() ? "" : "; ") + error.message;
		members_.push_back({"code", name_of(error.code)});
		members_.push_back({"value", error.value ? *error.value : std::string_view(), !error.value});
		members_.push_back({"column", error.column ? *error.column : std::string_view(), !error.column});
		members_.push_back({"message", error.message});
	}
	constexpr std::size_t kMembersEach = 4;
	StoredBytes stored_errors = batch.allocate(jsonb_array_size(members_, kMembersEach));
	write_jsonb_array(members_, kMembersEach, stored_errors.start);
	batch.rejects.push_back({record_number, record.line_number, record.byte_offset, batch.store(record.raw), is_text_,
							 std::move(errors_), batch.store(buffer_), stored_errors});
}

} // namespace vero
