// The one way to run SQL inside the server: statements that stand in the source as they would in psql, and what they returned.
#include "pg/sql/statement.hpp"

extern "C" {
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/plancache.h"
}

namespace vero::pg {
namespace {

/// Parameters as SPI takes them.
struct Values {
	explicit Values(std::span<Parameter const> parameters)
	{
		for (std::size_t i = 0; i < parameters.size(); i++) {
			values[i] = parameters[i].value;
			nulls[i] = parameters[i].is_null ? 'n' : ' ';
		}
	}

	std::array<Datum, Statement::kMost> values;
	std::array<char, Statement::kMost> nulls;
};

void check_type(Form_pg_attribute attribute, Oid type)
{
	if (attribute->atttypid != type && !IsBinaryCoercible(attribute->atttypid, type)) {
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						errmsg("column \"%s\" of a table of the extension \"vero_events\" is of type %s, not %s",
							   NameStr(attribute->attname), format_type_be(attribute->atttypid), format_type_be(type)),
						errhint("Give it its own type again.")));
	}
}

void check_columns(Statement const &statement, TupleDesc returned)
{
	std::span<Column const> columns = statement.columns();
	if (returned->natts != static_cast<int>(columns.size()))
		elog(ERROR, "a statement returns %d columns, not %zu", returned->natts, columns.size());
	for (std::size_t i = 0; i < columns.size(); i++) {
		Form_pg_attribute attribute = TupleDescAttr(returned, i);
		if (columns[i].name != NameStr(attribute->attname))
			elog(ERROR, "a statement returns column \"%s\" as its column %zu", NameStr(attribute->attname), i + 1);
		check_type(attribute, columns[i].type);
	}
}

Executed checked(Statement const &statement, Executed const &executed)
{
	if (executed.count > 0 && executed.rows != nullptr)
		check_columns(statement, executed.rows->tupdesc);
	return executed;
}

} // namespace

std::optional<Datum> detail::optional_value(HeapTuple row, TupleDesc columns, int column)
{
	bool is_null;
	Datum value = heap_getattr(row, column, columns, &is_null);
	return is_null ? std::nullopt : std::optional(value);
}

Datum detail::required_value(HeapTuple row, TupleDesc columns, int column)
{
	std::optional<Datum> value = optional_value(row, columns, column);
	if (!value) {
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("column \"%s\" of a table of the extension \"vero_events\" is null",
							   NameStr(TupleDescAttr(columns, column - 1)->attname))));
	}
	return *value;
}

std::optional<std::string_view> detail::bytes_of(std::optional<Datum> value)
{
	if (!value)
		return std::nullopt;
	struct varlena *bytes = PG_DETOAST_DATUM_PACKED(*value);
	return std::string_view(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
}

void detail::prepare(Statement const &statement, Prepared &prepared)
{
	if (prepared.plan == nullptr)
		prepared.plan = prepare_statement(statement.text(), statement.parameters());
}

void detail::check_returned(Statement const &statement, Prepared const &prepared)
{
	auto *source = static_cast<CachedPlanSource *>(linitial(SPI_plan_get_plan_sources(prepared.plan)));
	check_columns(statement, source->resultDesc);
}

Executed detail::run(Statement const &statement, Prepared &prepared, std::span<Parameter const> parameters)
{
	prepare(statement, prepared);
	Values given(parameters);
	return checked(statement, execute_statement(prepared.plan, given.values.data(), given.nulls.data()));
}

Executed detail::run_as_owner(Catalog const &catalog, Statement const &statement, std::span<Parameter const> parameters)
{
	Prepared once;
	return as_owner(catalog, [&] { return run(statement, once, parameters); });
}

Executed detail::run_kept(Statement const &statement, Prepared &kept, Planned planned,
						  std::span<Parameter const> parameters)
{
	if (kept.plan == nullptr) {
		SPIPlanPtr plan = prepare_statement(statement.text(), statement.parameters(), planned);
		SPI_keepplan(plan);
		kept.plan = plan;
	}
	return run(statement, kept, parameters);
}

Portal detail::open(Statement const &statement, Prepared &prepared, std::span<Parameter const> parameters,
					CursorSees sees)
{
	prepare(statement, prepared);
	Values given(parameters);
	return open_cursor(prepared.plan, given.values.data(), given.nulls.data(), sees);
}

Executed detail::fetch(Statement const &statement, Portal portal, long most)
{
	return checked(statement, fetch_rows(portal, most));
}

} // namespace vero::pg
