// Checks the options that say how a file is read, and how much of it may be wrong.
#include "pg/import/file_options.hpp"

#include "core/intake/validator.hpp"
#include "core/text/name_folding.hpp"
#include "core/text/text.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/jsonb_object.hpp"

#include <set>
#include <utility>

extern "C" {
#include "mb/pg_wchar.h"
}

namespace vero::pg {
namespace {

/// COPY's rules for its single characters (ProcessCopyOptions, src/backend/commands/copy.c).
char single_character(std::string const &value, char const *option)
{
	if (value.size() != 1) {
		throw Report{ERRCODE_FEATURE_NOT_SUPPORTED,
					 std::string("\"") + option + "\" must be a single one-byte character", "", ""};
	}
	if (value[0] == '\n' || value[0] == '\r' || value[0] == '\0')
		throw invalid_option(std::string("\"") + option + "\" cannot be newline or carriage return");
	return value[0];
}

void check_dialect(Dialect const &dialect, std::optional<char> delimiter)
{
	if (is_blank(dialect.quote, '\0') || is_blank(dialect.escape, '\0'))
		throw invalid_option("\"quote\" and \"escape\" cannot be white space");
	if (delimiter == dialect.quote || delimiter == dialect.escape)
		throw invalid_option("\"delimiter\" and \"quote\" or \"escape\" must be different");
	if (dialect.null_string.find_first_of("\r\n") != std::string::npos)
		throw invalid_option("\"null_string\" cannot contain newline or carriage return");
	if (dialect.null_string.find(dialect.quote) != std::string::npos ||
		(delimiter && dialect.null_string.find(*delimiter) != std::string::npos))
		throw invalid_option("\"null_string\" cannot contain the delimiter or the quote");
}

void check_field_names(GivenOptions const &given, FileOptions &file)
{
	file.field_names = given.field_names;
	file.has_header = given.has_header.value_or(given.field_names.empty());
	if (!file.has_header && file.field_names.empty()) {
		throw invalid_option("a file without a header needs a column list that names its fields",
							 "For example: COPY vero.events (email, event_name, time, item_type) FROM ...");
	}
}

ColumnTarget make_target(JsonbMember member)
{
	if (member.texts.size() > 1 && fold_name(member.key) != "time") {
		throw invalid_option("option \"columns\" gives two columns for " + quote_clipped(member.key),
							 "Only \"time\" may be made of two columns, a date and a time of day.");
	}
	if (member.texts.size() > 2)
		throw invalid_option("option \"columns\" gives more than two columns for \"time\"");
	ColumnTarget target{std::move(member.key), std::nullopt};
	if (!member.texts.empty())
		target.column = std::move(member.texts[0]);
	if (member.texts.size() == 2)
		target.clock = std::move(member.texts[1]);
	return target;
}

/// A column that two of the names mean, though not to the letter, is found out when the file's are known.
std::vector<ColumnTarget> check_columns(Datum columns)
{
	std::vector<ColumnTarget> targets;
	std::set<std::string> named;
	for (JsonbMember &member : read_jsonb_object(columns, "columns")) {
		ColumnTarget target = make_target(std::move(member));
		std::string const &column = target.column ? *target.column : target.target;
		if ((target.column && (target.target.empty() || fold_name(column).empty())) ||
			(target.clock && fold_name(*target.clock).empty()))
			throw invalid_option("option \"columns\" has an empty name");
		if (target.column && is_too_long(target.target)) {
			throw invalid_option("option \"columns\" gives a name of more than " +
								 group_digits(kMaxPropertyNameLength) + " characters");
		}
		for (std::string const &each : {column, target.clock.value_or("")}) {
			if (!each.empty() && !named.insert(each).second)
				throw invalid_option("option \"columns\" names the column " + quote_clipped(each) + " twice");
		}
		targets.push_back(std::move(target));
	}
	return targets;
}

PropertyTypes check_property_types(Datum property_types)
{
	PropertyTypes types;
	for (JsonbMember &member : read_jsonb_object(property_types, "property_types")) {
		std::optional<PropertyType> type;
		if (member.texts.size() == 1)
			type = find_property_type(member.texts.front());
		if (!type) {
			throw invalid_option(
				"option \"property_types\" has no type for " + quote_clipped(member.key) +
					(member.texts.size() == 1 ? ": " + quote_clipped(member.texts.front()) + " is none" : ""),
				"Types are \"text\", \"number\", \"boolean\", \"json\" and \"auto\".");
		}
		if (member.key == "*") {
			types.others = *type;
		} else if (fold_name(member.key).empty()) {
			throw invalid_option("option \"property_types\" has an empty name");
		} else {
			types.named.push_back({std::move(member.key), *type});
		}
	}
	return types;
}

} // namespace

Report invalid_option(std::string message, std::string hint)
{
	return Report{ERRCODE_INVALID_PARAMETER_VALUE, std::move(message), "", std::move(hint)};
}

FileOptions check_file_options(GivenOptions const &given)
{
	FileOptions file;
	check_field_names(given, file);
	if (given.delimiter)
		file.delimiter = single_character(*given.delimiter, "delimiter");
	if (given.quote)
		file.dialect.quote = file.dialect.escape = single_character(*given.quote, "quote");
	if (given.escape)
		file.dialect.escape = single_character(*given.escape, "escape");
	if (given.skip_lines.value_or(0) < 0)
		throw invalid_option("option \"skip_lines\" must not be negative");
	file.skip_lines = static_cast<std::uint64_t>(given.skip_lines.value_or(0));
	file.null_padding = given.null_padding.value_or(false);
	file.likely_delimiter = given.likely_delimiter;
	file.dialect.null_string = given.null_string.value_or("");
	check_dialect(file.dialect, file.delimiter);

	file.encoding = PG_UTF8;
	if (given.encoding)
		file.utf16 = utf16_name(*given.encoding);
	if (given.encoding && !file.utf16) {
		file.encoding = pg_char_to_encoding(given.encoding->c_str());
		if (file.encoding < 0)
			throw invalid_option(quote_clipped(*given.encoding) + " is not a valid encoding name");
		if (file.encoding == PG_SQL_ASCII)
			file.encoding = PG_UTF8;
	}
	if (given.compression) {
		file.compression = find_compression(*given.compression);
		if (!file.compression) {
			throw invalid_option(quote_clipped(*given.compression) + " is not a compression that can be read",
								 "Option \"compression\" is gzip, zstd or none.");
		}
	}
	if (given.columns)
		file.columns = check_columns(*given.columns);
	if (given.property_types)
		file.property_types = check_property_types(*given.property_types);
	return file;
}

std::vector<TimeLayout> check_time_formats(std::vector<std::string> const &texts)
{
	if (texts.size() > kMaxTimeLayouts)
		throw invalid_option("option \"time_formats\" has more than " + std::to_string(kMaxTimeLayouts) + " layouts");
	std::vector<TimeLayout> layouts;
	for (std::string const &text : texts) {
		Result<TimeLayout, LayoutError> layout = TimeLayout::compile(text);
		if (!layout) {
			LayoutError const &error = layout.error();
			throw invalid_option("option \"time_formats\": layout " + std::to_string(layouts.size() + 1) + ", " +
									 quote_clipped(text) + ", " + error.message +
									 (error.position ? " at character " + std::to_string(*error.position) : ""),
								 error.hint);
		}
		layouts.push_back(*std::move(layout));
	}
	return layouts;
}

RejectLimit check_reject_limit(std::string const &text)
{
	std::optional<RejectLimit> limit = RejectLimit::make(text);
	if (!limit) {
		throw invalid_option("option \"reject_limit\": " + quote_clipped(text) + " is neither a count nor a percentage",
							 "Write '100' for a hundred records, or '5%' for one in twenty.");
	}
	return *limit;
}

char check_decimal_mark(std::string const &text, bool has_property_types)
{
	if (text != "." && text != ",")
		throw invalid_option("\"decimal_mark\" must be \".\" or \",\"");
	if (!has_property_types) {
		throw invalid_option("option \"decimal_mark\" needs the option \"property_types\"",
							 "It says which columns hold numbers, for example '{\"price\": \"number\"}'.");
	}
	return text.front();
}

} // namespace vero::pg
