// A COPY statement with FORMAT vero_csv, read and checked.
#include "pg/entry/copy_statement.hpp"

#include "core/text/text.hpp"
#include "pg/base/boundary.hpp"

#include <charconv>

extern "C" {
#include "catalog/pg_type_d.h"
#include "commands/defrem.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/jsonb.h"
}

namespace vero::pg {
namespace {

// What COPY knows and an import has no use for: refused by name, whatever the version that brought it.
constexpr std::array<std::string_view, 8> kRefused{"freeze",  "force_quote", "force_not_null", "force_null",
												   "default", "on_error",	 "log_verbosity",  "convert_selectively"};

int cursor_position(char const *query, int location)
{
	if (query == nullptr || location < 0)
		return 0;
	return call([=] { return pg_mbstrlen_with_len(query, location) + 1; });
}

/// The options of one statement, handed out one by one.
class OptionReader {
public:
	OptionReader(CopyStmt const *statement, char const *query) : statement_(statement), query_(query) {}

	/// Calls `read(name, option)` for each option but FORMAT; it returns false for one that it does not know.
	template <class Read> void for_each(Read &&read)
	{
		for (int i = 0; i < list_length(statement_->options); i++) {
			auto *option = static_cast<DefElem *>(list_nth(statement_->options, i));
			std::string_view name(option->defname);
			if (std::find(seen_.begin(), seen_.end(), canonical(name)) != seen_.end())
				fail(option, ERRCODE_SYNTAX_ERROR, "conflicting or redundant options");
			seen_.push_back(canonical(name));
			if (std::find(kRefused.begin(), kRefused.end(), name) != kRefused.end()) {
				fail(option, ERRCODE_FEATURE_NOT_SUPPORTED,
					 "COPY format \"vero_csv\" does not support the option \"" + std::string(name) + "\"");
			}
			if (name != "format" && !read(name, option))
				fail(option, ERRCODE_SYNTAX_ERROR, "option \"" + std::string(name) + "\" not recognized");
		}
	}

	[[noreturn]] void fail(DefElem const *option, int sqlstate, std::string message) const
	{
		throw Report{sqlstate, std::move(message), "", "", cursor_position(query_, option->location)};
	}

	std::string text(DefElem *option) const
	{
		return call([option] { return defGetString(option); });
	}

	/// One text or a list of them.
	std::vector<std::string> texts(DefElem *option) const
	{
		if (option->arg == nullptr || !IsA(option->arg, List))
			return {text(option)};
		std::vector<std::string> all;
		auto *list = reinterpret_cast<List *>(option->arg);
		if (list_length(list) > kMaxOptionElements) {
			fail(option, ERRCODE_INVALID_PARAMETER_VALUE,
				 "option \"" + std::string(option->defname) + "\" has more than " + group_digits(kMaxOptionElements) +
					 " elements");
		}
		all.reserve(list_length(list));
		for (int i = 0; i < list_length(list); i++)
			all.emplace_back(strVal(list_nth(list, i)));
		return all;
	}

	/// As texts(), or of one text that is written as an array: '{a,b}'.
	std::vector<std::string> text_array(DefElem *option) const
	{
		std::vector<std::string> all = texts(option);
		if (all.size() != 1 || !all.front().starts_with('{'))
			return all;
		char const *written = all.front().c_str();
		Datum array = call([=] { return OidInputFunctionCall(F_ARRAY_IN, const_cast<char *>(written), TEXTOID, -1); });
		return array_texts(array);
	}

	std::int64_t number(DefElem *option) const
	{
		std::string digits = text(option);
		std::int64_t value = 0;
		auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
		if (fault != std::errc() || end != digits.data() + digits.size()) {
			fail(option, ERRCODE_INVALID_PARAMETER_VALUE,
				 "option \"" + std::string(option->defname) + "\": " + quote_clipped(digits) +
					 " is not a whole number of type bigint");
		}
		return value;
	}

	/// COPY has another name for one of them. Two spellings of one option conflict.
	static std::string_view canonical(std::string_view name) { return name == "null" ? "null_string" : name; }

private:
	CopyStmt const *statement_;
	char const *query_;
	std::vector<std::string_view> seen_;
};

bool read_text_option(OptionReader const &reader, std::string_view name, DefElem *option, GivenOptions &given)
{
	std::string_view canonical = OptionReader::canonical(name);
	for (TextOption const &known : kTextOptions) {
		if (canonical == known.name) {
			given.*known.value = reader.text(option);
			return true;
		}
	}
	return false;
}

bool read_object_option(OptionReader const &reader, std::string_view name, DefElem *option, GivenOptions &given)
{
	for (ObjectOption const &known : kObjectOptions) {
		if (name != known.name)
			continue;
		std::string json = reader.text(option);
		if (json.size() > kMaxObjectOptionSize) {
			reader.fail(option, ERRCODE_INVALID_PARAMETER_VALUE,
						"option \"" + std::string(name) + "\" is longer than " + group_digits(kMaxObjectOptionSize) +
							" bytes");
		}
		char const *start = json.c_str();
		given.*known.value = call([start] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(start)); });
		return true;
	}
	return false;
}

bool read_import_option(OptionReader const &reader, std::string_view name, DefElem *option, GivenOptions &given)
{
	if (name == "notify") {
		given.notify = reader.texts(option);
	} else if (name == "time_formats") {
		given.time_formats = reader.text_array(option);
	} else if (name == "trigger_campaigns") {
		given.trigger_campaigns = call([option] { return defGetBoolean(option); });
	} else if (name == "allow_repeat") {
		given.allow_repeat = call([option] { return defGetBoolean(option); });
	} else if (name == "dry_run") {
		given.dry_run = call([option] { return defGetBoolean(option); });
	} else if (name == "profile") {
		given.profile = reader.text(option);
	} else if (name == "skip_lines") {
		given.skip_lines = reader.number(option);
	} else if (name == "null_padding") {
		given.null_padding = call([option] { return defGetBoolean(option); });
	} else if (name == "max_jobs") {
		given.max_jobs = reader.number(option);
	} else if (name == "parent_import") {
		given.parent_import = reader.number(option);
	} else {
		return false;
	}
	return true;
}

} // namespace

bool has_vero_format(CopyStmt const *statement)
{
	for (int i = 0; i < list_length(statement->options); i++) {
		auto *option = static_cast<DefElem *>(list_nth(statement->options, i));
		if (strcmp(option->defname, "format") == 0 && option->arg != nullptr && IsA(option->arg, String) &&
			strcmp(strVal(option->arg), "vero_csv") == 0)
			return true;
	}
	return false;
}

GivenOptions read_copy_from(CopyStmt const *statement, char const *query)
{
	GivenOptions given;
	OptionReader reader(statement, query);
	reader.for_each([&](std::string_view name, DefElem *option) {
		if (name != "header") {
			return read_text_option(reader, name, option, given) || read_object_option(reader, name, option, given) ||
				   read_import_option(reader, name, option, given);
		}
		given.has_header = call([option] { return defGetBoolean(option); });
		return true;
	});
	if (statement->whereClause != nullptr)
		throw Report{ERRCODE_FEATURE_NOT_SUPPORTED, "COPY format \"vero_csv\" does not support WHERE", "", ""};
	for (int i = 0; i < list_length(statement->attlist); i++)
		given.field_names.emplace_back(strVal(list_nth(statement->attlist, i)));
	return given;
}

std::int64_t read_copy_to(CopyStmt const *statement, char const *query)
{
	std::optional<std::int64_t> import_id;
	OptionReader reader(statement, query);
	reader.for_each([&](std::string_view name, DefElem *option) {
		if (name == "import")
			import_id = reader.number(option);
		return name == "import";
	});
	if (statement->attlist != NIL) {
		throw Report{ERRCODE_FEATURE_NOT_SUPPORTED,
					 "COPY format \"vero_csv\" writes whole records: it takes no column list", "", ""};
	}
	if (!import_id) {
		throw Report{ERRCODE_INVALID_PARAMETER_VALUE, "COPY format \"vero_csv\" needs the option \"import\"", "",
					 "It says whose rejected rows are wanted: WITH (FORMAT vero_csv, import 7)."};
	}
	return *import_id;
}

} // namespace vero::pg
