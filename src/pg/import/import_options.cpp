// What an import is told to do, checked.
#include "pg/import/import_options.hpp"

#include "core/intake/validator.hpp"
#include "core/mail/mail_address.hpp"
#include "core/text/name_folding.hpp"
#include "core/text/text.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/jsonb_object.hpp"
#include "pg/base/zone.hpp"
#include "pg/import/confirm_import.hpp"
#include "pg/import/parent_options.hpp"
#include "pg/import/property_options.hpp"

#include <set>

extern "C" {
#include "access/detoast.h"
#include "catalog/pg_type_d.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
}

namespace vero::pg {
namespace {

/// How many addresses one confirmation goes to at most.
constexpr std::size_t kMaxNotified = 20;

Report invalid(std::string message, std::string hint = "")
{
	return Report{ERRCODE_INVALID_PARAMETER_VALUE, std::move(message), "", std::move(hint)};
}

/// COPY's rules for its single characters (ProcessCopyOptions, src/backend/commands/copy.c).
char single_character(std::string const &value, char const *option)
{
	if (value.size() != 1) {
		throw Report{ERRCODE_FEATURE_NOT_SUPPORTED,
					 std::string("\"") + option + "\" must be a single one-byte character", "", ""};
	}
	if (value[0] == '\n' || value[0] == '\r' || value[0] == '\0')
		throw invalid(std::string("\"") + option + "\" cannot be newline or carriage return");
	return value[0];
}

void check_dialect(Dialect const &dialect, std::optional<char> delimiter)
{
	if (is_blank(dialect.quote, '\0') || is_blank(dialect.escape, '\0'))
		throw invalid("\"quote\" and \"escape\" cannot be white space");
	if (delimiter == dialect.quote || delimiter == dialect.escape)
		throw invalid("\"delimiter\" and \"quote\" or \"escape\" must be different");
	if (dialect.null_string.find_first_of("\r\n") != std::string::npos)
		throw invalid("\"null_string\" cannot contain newline or carriage return");
	if (dialect.null_string.find(dialect.quote) != std::string::npos ||
		(delimiter && dialect.null_string.find(*delimiter) != std::string::npos))
		throw invalid("\"null_string\" cannot contain the delimiter or the quote");
}

void check_field_names(GivenOptions const &given, FileOptions &file)
{
	file.field_names = given.field_names;
	file.has_header = given.has_header.value_or(given.field_names.empty());
	if (!file.has_header && file.field_names.empty()) {
		throw invalid("a file without a header needs a column list that names its fields",
					  "For example: COPY vero.events (email, event_name, time, item_type) FROM ...");
	}
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
		throw invalid("option \"skip_lines\" must not be negative");
	file.skip_lines = static_cast<std::uint64_t>(given.skip_lines.value_or(0));
	file.null_padding = given.null_padding;
	file.likely_delimiter = given.likely_delimiter;
	file.dialect.null_string = given.null_string.value_or("");
	check_dialect(file.dialect, file.delimiter);

	file.encoding = PG_UTF8;
	if (given.encoding)
		file.utf16 = utf16_name(*given.encoding);
	if (given.encoding && !file.utf16) {
		file.encoding = pg_char_to_encoding(given.encoding->c_str());
		if (file.encoding < 0)
			throw invalid(quote_clipped(*given.encoding) + " is not a valid encoding name");
		if (file.encoding == PG_SQL_ASCII)
			file.encoding = PG_UTF8;
	}
	if (given.compression) {
		file.compression = find_compression(*given.compression);
		if (!file.compression) {
			throw invalid(quote_clipped(*given.compression) + " is not a compression that can be read",
						  "Option \"compression\" is gzip, zstd or none.");
		}
	}
	return file;
}

void check_sizes(GivenOptions const &given)
{
	auto check = [](char const *name, std::size_t size, std::size_t most) {
		if (size > most) {
			throw invalid("option \"" + std::string(name) + "\" is longer than " +
						  group_digits(static_cast<std::int64_t>(most)) + " bytes");
		}
	};
	for (auto const &[name, value, is_inherited] : kTextOptions) {
		if (given.*value)
			check(name, (given.*value)->size(), kMaxOptionSize);
	}
	for (auto const &[name, value] : kObjectOptions) {
		if (std::optional<Datum> object = given.*value)
			check(name, call([&] { return toast_raw_datum_size(*object) - VARHDRSZ; }), kMaxObjectOptionSize);
	}
	if (given.field_names.size() > kMaxColumns) {
		throw Report{ERRCODE_TOO_MANY_COLUMNS,
					 "the column list has " + group_digits(static_cast<std::int64_t>(given.field_names.size())) +
						 " names, and a file may have " + group_digits(kMaxColumns) + " columns",
					 "", ""};
	}
}

ColumnTarget make_target(JsonbMember member)
{
	if (member.texts.size() > 1 && fold_name(member.key) != "time") {
		throw invalid("option \"columns\" gives two columns for " + quote_clipped(member.key),
					  "Only \"time\" may be made of two columns, a date and a time of day.");
	}
	if (member.texts.size() > 2)
		throw invalid("option \"columns\" gives more than two columns for \"time\"");
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
			throw invalid("option \"columns\" has an empty name");
		if (target.column && is_too_long(target.target)) {
			throw invalid("option \"columns\" gives a name of more than " + group_digits(kMaxPropertyNameLength) +
						  " characters");
		}
		for (std::string const &each : {column, target.clock.value_or("")}) {
			if (!each.empty() && !named.insert(each).second)
				throw invalid("option \"columns\" names the column " + quote_clipped(each) + " twice");
		}
		targets.push_back(std::move(target));
	}
	return targets;
}

void check_event_name(ImportOptions const &options)
{
	if (options.event_name.empty())
		throw invalid("option \"event_name\" is blank");
	if (utf8_length(options.event_name) > kMaxEventNameLength)
		throw invalid("option \"event_name\" has more than 255 characters");
	for (ColumnTarget const &target : options.file.columns) {
		if (target.column && fold_name(target.target) == "eventname") {
			throw invalid("options \"event_name\" and \"columns\" both say what the events' name is",
						  "Give one of the two.");
		}
	}
}

std::vector<TimeLayout> check_time_formats(std::vector<std::string> const &texts)
{
	if (texts.size() > kMaxTimeLayouts)
		throw invalid("option \"time_formats\" has more than " + std::to_string(kMaxTimeLayouts) + " layouts");
	std::vector<TimeLayout> layouts;
	for (std::string const &text : texts) {
		Result<TimeLayout, LayoutError> layout = TimeLayout::compile(text);
		if (!layout) {
			LayoutError const &error = layout.error();
			throw invalid("option \"time_formats\": layout " + std::to_string(layouts.size() + 1) + ", " +
							  quote_clipped(text) + ", " + error.message +
							  (error.position ? " at character " + std::to_string(*error.position) : ""),
						  error.hint);
		}
		layouts.push_back(*std::move(layout));
	}
	return layouts;
}

/// Sets what is kept of them for later.
void describe(GivenOptions const &given, ImportOptions &options)
{
	JsonbObject object;
	for (auto const &[name, value] : kObjectOptions) {
		if (given.*value) {
			object.add(name, *(given.*value));
			options.needed_again.emplace_back(name);
		}
	}
	for (auto const &[name, value, is_inherited] : kTextOptions) {
		if (given.*value) {
			object.add(name, *(given.*value));
			if (is_inherited)
				options.needed_again.emplace_back(name);
		}
	}
	if (given.time_formats) {
		object.add("time_formats", *given.time_formats);
		options.needed_again.emplace_back("time_formats");
	}
	if (given.skip_lines) {
		object.add("skip_lines", std::to_string(*given.skip_lines));
		options.needed_again.emplace_back("skip_lines");
	}
	if (given.null_padding) {
		object.add_boolean("null_padding", true);
		options.needed_again.emplace_back("null_padding");
	}
	if (!given.field_names.empty()) {
		object.add("column_list", given.field_names);
		object.add_boolean("header", options.file.has_header);
		options.needed_again.emplace_back("column list");
	}
	if (given.trigger_campaigns)
		object.add_boolean("trigger_campaigns", true);
	if (given.dry_run)
		object.add_boolean("dry_run", true);
	options.given = object.finish();
}

/// Mail goes to those only whom the caller may have it sent to. Said before a client is asked for its file.
void check_allowed(ImportOptions const &options)
{
	Catalog catalog = find_catalog();
	if (options.trigger_campaigns)
		check_trigger_allowed(catalog);
	check_notify_allowed(catalog, options.notify);
}

} // namespace

std::vector<std::string> array_texts(Datum datum)
{
	Datum *elements;
	bool *nulls;
	int count;
	ArrayType *array = call([datum] { return DatumGetArrayTypeP(datum); });
	if (call([array] { return ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)); }) > kMaxOptionElements) {
		throw Report{ERRCODE_INVALID_PARAMETER_VALUE,
					 "array has more than " + group_digits(kMaxOptionElements) + " elements", "", ""};
	}
	call([&] { deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count); });
	std::vector<std::string> texts;
	for (int i = 0; i < count; i++) {
		if (nulls[i])
			throw Report{ERRCODE_NULL_VALUE_NOT_ALLOWED, "array must not contain nulls", "", ""};
		Datum element = elements[i];
		texts.emplace_back(call([element] { return TextDatumGetCString(element); }));
	}
	return texts;
}

ImportOptions check_options(GivenOptions given)
{
	if (given.parent_import)
		inherit_options(given);
	check_sizes(given);
	ImportOptions options;
	options.file = check_file_options(given);
	if (given.columns)
		options.file.columns = check_columns(*given.columns);
	if (given.property_types)
		options.file.property_types = check_property_types(*given.property_types);
	if (given.decimal_mark)
		options.decimal_mark = check_decimal_mark(*given.decimal_mark, given.property_types.has_value());
	if (given.event_name) {
		options.event_name = tidy_name(*given.event_name);
		options.file.has_event_name = true;
		check_event_name(options);
	}
	options.time_zone = given.time_zone ? given.time_zone : given.default_time_zone;
	if (options.time_zone)
		check_time_zone(*options.time_zone);
	options.zone_name = options.time_zone.value_or(pg_get_timezone_name(session_timezone));
	if (given.time_formats)
		options.time_layouts = check_time_formats(*given.time_formats);
	options.notify = given.notify.value_or(std::vector<std::string>{});
	if (options.notify.size() > kMaxNotified)
		throw invalid("option \"notify\" has more than " + std::to_string(kMaxNotified) + " addresses");
	for (std::string const &address : options.notify) {
		if (!is_utf8(address) || !Mailbox::make("", address))
			throw invalid("option \"notify\": " + quote_clipped(address) + " is not an email address");
	}
	options.trigger_campaigns = given.trigger_campaigns;
	options.is_dry_run = given.dry_run;
	options.parent_import = given.parent_import;
	describe(given, options);
	check_allowed(options);
	return options;
}

} // namespace vero::pg
