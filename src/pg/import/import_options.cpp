// What an import is told to do, checked.
#include "pg/import/import_options.hpp"

#include "core/intake/validator.hpp"
#include "core/mail/mail_address.hpp"
#include "core/text/name_folding.hpp"
#include "core/text/text.hpp"
#include "core/text/tidy_name.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/jsonb_object.hpp"
#include "pg/base/zone.hpp"
#include "pg/import/confirm_import.hpp"
#include "pg/import/file_options.hpp"
#include "pg/import/import_profile.hpp"
#include "pg/import/parent_options.hpp"
#include "pg/outbox/recipients.hpp"

extern "C" {
#include "access/detoast.h"
#include "catalog/pg_type_d.h"
#include "utils/array.h"
#include "utils/builtins.h"
}

namespace vero::pg {
namespace {

void check_sizes(GivenOptions const &given)
{
	auto check = [](char const *name, std::size_t size, std::size_t most) {
		if (size > most) {
			throw invalid_option("option \"" + std::string(name) + "\" is longer than " +
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

OnDuplicate check_on_duplicate(std::string const &value)
{
	std::string_view const word = trim_unseen(value);
	if (word == "insert")
		return OnDuplicate::insert;
	if (word == "skip")
		return OnDuplicate::skip;
	if (word == "reject")
		return OnDuplicate::reject;
	throw invalid_option("option \"on_duplicate\": " + quote_clipped(value) + " is not one of insert, skip, reject");
}

OnSuppressed check_on_suppressed(std::string const &value)
{
	std::string_view const word = trim_unseen(value);
	if (word == "insert")
		return OnSuppressed::insert;
	if (word == "reject")
		return OnSuppressed::reject;
	throw invalid_option("option \"on_suppressed\": " + quote_clipped(value) + " is not one of insert, reject");
}

void check_event_name(ImportOptions const &options)
{
	if (options.event_name.empty())
		throw invalid_option("option \"event_name\" is blank");
	if (utf8_length(options.event_name) > kMaxEventNameLength)
		throw invalid_option("option \"event_name\" has more than 255 characters");
	for (ColumnTarget const &target : options.file.columns) {
		if (target.column && fold_name(target.target) == "eventname") {
			throw invalid_option("options \"event_name\" and \"columns\" both say what the events' name is",
								 "Give one of the two.");
		}
	}
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
	if (given.null_padding.value_or(false)) {
		object.add_boolean("null_padding", true);
		options.needed_again.emplace_back("null_padding");
	}
	if (given.reject_limit)
		options.needed_again.emplace_back("reject_limit");
	if (!given.field_names.empty()) {
		object.add("column_list", given.field_names);
		object.add_boolean("header", options.file.has_header);
		options.needed_again.emplace_back("column list");
	}
	if (given.trigger_campaigns.value_or(false))
		object.add_boolean("trigger_campaigns", true);
	if (given.max_jobs) {
		object.add("max_jobs", std::to_string(*given.max_jobs));
		options.needed_again.emplace_back("max_jobs");
	}
	if (given.allow_repeat.value_or(false))
		object.add_boolean("allow_repeat", true);
	if (given.dry_run.value_or(false))
		object.add_boolean("dry_run", true);
	if (given.profile)
		object.add("profile", *given.profile);
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

std::vector<std::string> array_texts(Datum datum, int most)
{
	Datum *elements;
	bool *nulls;
	int count;
	ArrayType *array = call([datum] { return DatumGetArrayTypeP(datum); });
	if (call([array] { return ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)); }) > most) {
		throw Report{ERRCODE_INVALID_PARAMETER_VALUE, "array has more than " + group_digits(most) + " elements", "",
					 ""};
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

ImportOptions check_option_values(GivenOptions const &given)
{
	check_sizes(given);
	ImportOptions options;
	options.file = check_file_options(given);
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
	if (given.on_duplicate)
		options.on_duplicate = check_on_duplicate(*given.on_duplicate);
	if (given.on_suppressed)
		options.on_suppressed = check_on_suppressed(*given.on_suppressed);
	if (given.reject_limit)
		options.reject_limit = check_reject_limit(*given.reject_limit);
	options.notify = given.notify.value_or(std::vector<std::string>{});
	if (options.notify.size() > kMaxRecipients)
		throw invalid_option("option \"notify\" has more than " + std::to_string(kMaxRecipients) + " addresses");
	for (std::string const &address : options.notify) {
		if (!is_utf8(address) || !Mailbox::make("", address))
			throw invalid_option("option \"notify\": " + quote_clipped(address) + " is not an email address");
	}
	options.label = given.label;
	if (options.label && trim_unseen(*options.label).empty())
		throw invalid_option("option \"label\" is blank");
	options.trigger_campaigns = given.trigger_campaigns.value_or(false);
	options.max_jobs = given.max_jobs;
	if (options.max_jobs && *options.max_jobs < 0)
		throw invalid_option("option \"max_jobs\" must not be negative");
	options.allows_repeat = given.allow_repeat.value_or(false);
	options.is_dry_run = given.dry_run.value_or(false);
	options.parent_import = given.parent_import;
	return options;
}

ImportOptions check_options(GivenOptions given)
{
	if (given.profile)
		apply_profile(given);
	if (given.parent_import)
		inherit_options(given);
	ImportOptions options = check_option_values(given);
	describe(given, options);
	check_allowed(options);
	return options;
}

} // namespace vero::pg
