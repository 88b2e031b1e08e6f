// The options of an import whose corrected rejects are imported hold for these, too.
#include "pg/import/parent_options.hpp"

#include "pg/base/boundary.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "utils/fmgrprotos.h"
}

namespace vero::pg {
namespace {

// Under the caller's own row security, or as the owner. A zone that was not given is the one that the parent's session had. A file of which nothing is
// stored may itself have been corrected rejects: then it corrects, when it comes again, the import that has them.
constexpr Statement kOptions{
	R"(
	SELECT o.name, o.value
	FROM vero.imports AS i
	LEFT JOIN LATERAL (
		SELECT e.key AS name, e.value
		FROM pg_catalog.jsonb_each_text(i.options) AS e
		UNION ALL
		SELECT 'column', c.value
		FROM pg_catalog.jsonb_array_elements_text(i.options OPERATOR(pg_catalog.->) 'column_list') AS c
		UNION ALL
		SELECT 'time_format', f.value
		FROM pg_catalog.jsonb_array_elements_text(i.options OPERATOR(pg_catalog.->) 'time_formats') AS f
		UNION ALL
		SELECT 'notified', n.address
		FROM pg_catalog.unnest(i.notify) AS n(address)
		UNION ALL
		SELECT 'session_time_zone', i.dialect OPERATOR(pg_catalog.->>) 'time_zone'
		UNION ALL
		SELECT 'likely_delimiter', i.dialect OPERATOR(pg_catalog.->>) 'delimiter'
		UNION ALL
		SELECT 'whole_file', 'true'
		WHERE i.state OPERATOR(pg_catalog.=) ANY ('{failed,dry_run,undone}'::pg_catalog.text[])
		UNION ALL
		SELECT 'corrected_import', c.id::pg_catalog.text
		FROM vero.imports AS c
		WHERE c.id OPERATOR(pg_catalog.=) i.parent_import_id
			AND i.state OPERATOR(pg_catalog.=) ANY ('{failed,dry_run,undone}'::pg_catalog.text[])
			AND c.state OPERATOR(pg_catalog.=) ANY ('{completed,completed_with_rejects}'::pg_catalog.text[])) AS o ON true
	WHERE i.id OPERATOR(pg_catalog.=) $1)",
	{INT8OID},
	{{"name", TEXTOID}, {"value", TEXTOID}}};

struct Option {
	std::string name;
	std::string value;
};

std::vector<Option> find_options(std::int64_t parent, bool as_owner)
{
	SpiConnection spi;
	auto rows =
		call([=] { return as_owner ? run_as_owner<kOptions>(find_catalog(), {parent}) : run<kOptions>({parent}); });
	if (rows.count() == 0) {
		throw Report{ERRCODE_INVALID_PARAMETER_VALUE,
					 "option \"parent_import\": import " + std::to_string(parent) + " does not exist", "",
					 "vero.imports shows the imports that you may see."};
	}
	std::vector<Option> options;
	for (std::size_t i = 0; i < rows.count(); i++) {
		auto name = rows[i].optional_string("name"), value = rows[i].optional_string("value");
		if (name && value)
			options.push_back({std::move(*name), std::move(*value)});
	}
	return options;
}

std::int64_t number_of(Option const &option)
{
	char const *digits = option.value.c_str();
	return call([digits] { return pg_strtoint64(digits); });
}

/// Takes over the options that are one text each.
void inherit_texts(std::vector<Option> const &options, GivenOptions &given)
{
	for (Option const &option : options) {
		for (TextOption const &text : kTextOptions) {
			if (text.is_inherited && option.name == text.name && !(given.*text.value))
				given.*text.value = option.value;
		}
	}
}

/// Takes over a list of which each element is an option named `element`.
void inherit_list(std::vector<Option> const &options, char const *element,
				  std::optional<std::vector<std::string>> &list)
{
	if (list)
		return;
	for (Option const &option : options) {
		if (option.name == element) {
			if (!list)
				list.emplace();
			list->push_back(option.value);
		}
	}
}

/// The fields' names, with what the first record is.
void inherit_column_list(std::vector<Option> const &options, GivenOptions &given)
{
	if (!given.field_names.empty())
		return;
	for (Option const &option : options) {
		if (option.name == "column") {
			given.field_names.push_back(option.value);
		} else if (option.name == "header" && !given.has_header) {
			given.has_header = option.value == "true";
		}
	}
}

/// How a file is read that is the parent's own: its corrected rejects begin with the header, and in the parent's delimiter.
void inherit_shape(std::vector<Option> const &options, GivenOptions &given)
{
	bool is_whole_file =
		std::any_of(options.begin(), options.end(), [](Option const &option) { return option.name == "whole_file"; });
	for (Option const &option : options) {
		if (option.name == "null_padding") {
			if (!given.null_padding)
				given.null_padding = option.value == "true";
		} else if (option.name == "likely_delimiter" && option.value.size() == 1) {
			given.likely_delimiter = option.value.front();
		} else if (option.name == "skip_lines" && is_whole_file && !given.skip_lines) {
			given.skip_lines = number_of(option);
		} else if (option.name == "reject_limit" && is_whole_file && !given.reject_limit) {
			given.reject_limit = option.value;
		}
	}
}

} // namespace

void inherit_options(GivenOptions &given)
{
	std::vector<Option> options = find_options(*given.parent_import, given.is_parent_checked);
	inherit_texts(options, given);
	inherit_shape(options, given);
	inherit_column_list(options, given);
	inherit_list(options, "time_format", given.time_formats);
	inherit_list(options, "notified", given.notify);
	for (Option const &option : options) {
		if (option.name == "session_time_zone")
			given.default_time_zone = option.value;
		if (option.name == "corrected_import")
			given.parent_import = number_of(option);
		if (option.name == "max_jobs" && !given.max_jobs)
			given.max_jobs = number_of(option);
		char const *value = option.value.c_str();
		for (ObjectOption const &object : kObjectOptions) {
			if (option.name == object.name && !(given.*object.value))
				given.*object.value = call([value] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(value)); });
		}
	}
}

} // namespace vero::pg
