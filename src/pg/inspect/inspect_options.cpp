// Adds advice to the options of an import, and writes them down as a call.
#include "pg/inspect/inspect_options.hpp"

#include "core/text/sql_literal.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/compat.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/jsonb_object.hpp"
#include "pg/sql/own_objects.hpp"

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_proc.h"
#include "nodes/value.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
}

namespace vero::pg {
namespace {

/// The members of both; of one that both have the second's.
Datum merge(std::optional<Datum> object, Datum more)
{
	if (!object)
		return more;
	return call([&] { return DirectFunctionCall2(jsonb_concat, *object, more); });
}

void add_columns(GivenOptions &given, std::vector<ColumnTarget> const &targets)
{
	JsonbObject object;
	for (ColumnTarget const &target : targets) {
		if (!target.column) {
			object.add_null(target.target);
		} else if (target.clock) {
			object.add(target.target, std::array{*target.column, *target.clock});
		} else {
			object.add(target.target, *target.column);
		}
	}
	given.columns = merge(given.columns, object.finish());
}

std::string jsonb_literal(Datum jsonb)
{
	char const *text = call([jsonb] {
		Jsonb *object = DatumGetJsonbP(jsonb);
		return JsonbToCString(nullptr, &object->root, VARSIZE(object));
	});
	return sql_literal(text);
}

std::string array_literal(std::vector<std::string> const &texts)
{
	char const *text = call([&] {
		Datum array = text_array(texts.size(), [&](std::size_t i) -> std::string_view { return texts[i]; });
		return OidOutputFunctionCall(F_ARRAY_OUT, array);
	});
	return sql_literal(text);
}

/// The schema that CREATE EXTENSION was given. To be called in call().
char const *home_schema(Oid extension)
{
	ScanKeyData key;
	ScanKeyInit(&key, Anum_pg_extension_oid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(extension));
	Relation extensions = table_open(ExtensionRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(extensions, ExtensionOidIndexId, true, nullptr, 1, &key);
	HeapTuple tuple = systable_getnext(scan);
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "extension %u does not exist", extension);
	Oid schema = reinterpret_cast<Form_pg_extension>(GETSTRUCT(tuple))->extnamespace;
	systable_endscan(scan);
	table_close(extensions, AccessShareLock);
	return get_namespace_name(schema);
}

/// With its schema, where another function, or none, is found without it.
std::string import_function()
{
	constexpr char const *kName = "import_events_csv";
	char const *schema = call([]() -> char const * {
		Oid extension = find_extension();
		List *name = list_make1(makeString(pstrdup(kName)));
		bool is_found = false;
		for (auto *each = compat::find_functions(name); each != nullptr; each = each->next)
			is_found |= getExtensionOfObject(ProcedureRelationId, each->oid) == extension;
		return is_found ? nullptr : quote_identifier(home_schema(extension));
	});
	return (schema != nullptr ? std::string(schema) + "." : std::string()) + kName;
}

} // namespace

void add_advice(GivenOptions &given, Advice const &advice)
{
	if (!advice.columns.empty())
		add_columns(given, advice.columns);
	if (advice.delimiter)
		given.delimiter = std::string(1, *advice.delimiter);
	if (advice.skip_lines)
		given.skip_lines = static_cast<std::int64_t>(*advice.skip_lines);
	if (advice.event_name)
		given.event_name = advice.event_name;
	if (advice.encoding)
		given.encoding = advice.encoding;
	if (advice.null_padding)
		given.null_padding = true;
	if (!advice.time_formats.empty()) {
		std::vector<std::string> formats = given.time_formats.value_or(std::vector<std::string>{});
		formats.insert(formats.end(), advice.time_formats.begin(), advice.time_formats.end());
		given.time_formats = std::move(formats);
	}
}

void add_types(GivenOptions &given, TypeAdvice const &advice)
{
	if (advice.types.empty() || given.property_types)
		return;
	JsonbObject object;
	for (auto const &[column, type] : advice.types)
		object.add(column, type);
	given.property_types = object.finish();
	if (advice.decimal_mark && !given.decimal_mark)
		given.decimal_mark = std::string(1, *advice.decimal_mark);
}

std::string write_call(std::string const &argument, GivenOptions const &given, std::optional<LayoutDoubt> const &doubt)
{
	std::string words = "SELECT * FROM " + import_function() + "(" + argument;
	auto const add = [&words](std::string_view name, std::string const &value) {
		words.append(", ").append(name).append(" => ").append(value);
	};
	for (auto const &[name, value] : kObjectOptions) {
		if (given.*value)
			add(name, jsonb_literal(*(given.*value)));
	}
	if (doubt) {
		add("time_formats", (given.time_formats ? array_literal(*given.time_formats) : std::string("NULL")) + " /* " +
								array_literal({doubt->first}) + " or " + array_literal({doubt->second}) + " */");
	} else if (given.time_formats) {
		add("time_formats", array_literal(*given.time_formats));
	}
	if (given.skip_lines)
		add("skip_lines", std::to_string(*given.skip_lines));
	if (given.null_padding.value_or(false))
		add("null_padding", "true");
	for (auto const &[name, value, is_inherited] : kTextOptions) {
		if (given.*value)
			add(name, sql_literal(*(given.*value)));
	}
	return words + ");";
}

} // namespace vero::pg
