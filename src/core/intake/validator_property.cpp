// Judges the properties of a record, and puts them together as they are stored.
#include "core/intake/validator.hpp"

#include "core/text/text.hpp"

namespace vero {
namespace {

/// The option that takes a cell of the column as it is.
std::string take_as_text(Notation notation, std::string_view column)
{
	std::string const name = write_json_string(column.size() <= kLongestProposedName ? column : "...");
	return write_option(notation, "property_types", "{" + name + ": \"text\"}") + " would take it";
}

} // namespace

/// Reads a cell of another type than text. One that is empty without quotes has no value, whatever else the file writes for that.
void Validator::check_property(Record const &record, std::size_t index)
{
	TypedValue &value = typed_[index];
	value.is_there = false;
	if (index >= record.cells.size()) // null_padding
		return;
	Column const &column = rules_.header.columns[index];
	Cell const &cell = record.cells[index];
	bool may_be_empty = column.type == PropertyType::automatic;
	value.is_there = has_value(record, cell) && (may_be_empty || cell.quoted || !record.content(cell).empty());
	if (!value.is_there)
		return;
	std::string_view text = value_of(record, cell, buffer_);
	value.begin = typed_bytes_.size();
	Result<JsonbType, PropertyFault> read = property_reader_.read(column.type, text, typed_bytes_);
	if (read) {
		value.type = *read;
		value.size = typed_bytes_.size() - value.begin;
		return;
	}
	PropertyFault const &fault = read.error();
	add_error(ErrorCode::invalid_property, &column, text,
			  {"column ", quoted(column), " holds ", quote_clipped(text), ", ", fault.what, "; ",
			   fault.help.empty() ? take_as_text(rules_.notation, column.name) : fault.help});
}

StoredBytes Validator::build_properties(Record const &record, Batch &batch)
{
	members_.clear();
	for (Property const &property : properties_) {
		if (property.type != PropertyType::text) {
			TypedValue const &value = typed_[property.column];
			if (value.is_there) {
				members_.push_back(
					{property.key, std::string_view(typed_bytes_).substr(value.begin, value.size), value.type});
			}
			continue;
		}
		if (property.column >= record.cells.size()) // null_padding
			continue;
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

} // namespace vero
