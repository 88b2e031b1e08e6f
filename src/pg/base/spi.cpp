// Statements run inside the server.
#include "pg/base/spi.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/catalog.hpp"
#include "pg/base/foreign_code.hpp"

extern "C" {
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
}

namespace vero::pg {

namespace {

std::optional<std::string_view> varlena_value(SPITupleTable const *rows, std::size_t row, int column, Oid type)
{
	std::optional<Datum> value = optional_value(rows, row, column, type);
	if (!value)
		return std::nullopt;
	struct varlena *bytes = PG_DETOAST_DATUM_PACKED(*value);
	return std::string_view(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
}

char const *text_of(SPIPlanPtr plan)
{
	auto *source = static_cast<CachedPlanSource *>(linitial(SPI_plan_get_plan_sources(plan)));
	return source->query_string;
}

/// Jumped over by errors: call() puts back what was there before.
template <class Function> auto as_own_statement(char const *text, Function &&function)
{
	char const *before = std::exchange(detail::own_statement, text);
	auto result = function();
	detail::own_statement = before;
	return result;
}

void add_no_context(void *) {}

/// A parameter's value, asked for by the planner. By then SPI has put a callback behind all that were there before, which adds the
/// statement's text to whatever is reported while it runs: a NOTICE of the owner's trigger has nothing to do with it.
ParamExternData *fetch_parameter(ParamListInfo parameters, int number, bool, ParamExternData *)
{
	for (ErrorContextCallback *callback = error_context_stack; callback != nullptr; callback = callback->previous)
		if (callback->previous == parameters->paramFetchArg) {
			callback->callback = add_no_context;
			break;
		}
	return &parameters->params[number - 1];
}

/// Null where there are none.
ParamListInfo parameters_of(SPIPlanPtr plan, Datum const *values, char const *nulls)
{
	int count = SPI_getargcount(plan);
	if (count == 0)
		return nullptr;
	ParamListInfo parameters = makeParamList(count);
	parameters->paramFetch = fetch_parameter;
	parameters->paramFetchArg = error_context_stack;
	for (int i = 0; i < count; i++)
		parameters->params[i] = {values[i], nulls != nullptr && nulls[i] == 'n', PARAM_FLAG_CONST,
								 SPI_getargtypeid(plan, i)};
	return parameters;
}

} // namespace

SpiConnection::SpiConnection() : exceptions_(std::uncaught_exceptions())
{
	call([] {
		if (int result = SPI_connect(); result != SPI_OK_CONNECT)
			elog(ERROR, "SPI_connect failed: %s", SPI_result_code_string(result));
	});
}

SpiConnection::~SpiConnection()
{
	if (std::uncaught_exceptions() == exceptions_)
		SPI_finish();
}

SPIPlanPtr prepare_statement(char const *sql, std::span<Oid const> types)
{
	SPIPlanPtr plan = as_own_statement(sql, [&] {
		return SPI_prepare_cursor(sql, static_cast<int>(types.size()), const_cast<Oid *>(types.data()),
								  CURSOR_OPT_CUSTOM_PLAN);
	});
	if (plan == nullptr)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	return plan;
}

void execute_statement(SPIPlanPtr plan, Datum *values, char const *nulls, int expected)
{
	if (InSecurityRestrictedOperation())
		refuse_foreign_code(plan);
	SPIExecuteOptions options{};
	options.params = parameters_of(plan, values, nulls);
	int result = as_own_statement(text_of(plan), [&] { return SPI_execute_plan_extended(plan, &options); });
	if (result != expected)
		elog(ERROR, "SPI_execute_plan_extended failed: %s", SPI_result_code_string(result));
}

void execute_as(Oid role, char const *sql, std::span<Oid const> types, Datum *values, int expected, char const *nulls)
{
	UserSwitch caller = UserSwitch::become(role);
	execute_statement(prepare_statement(sql, types), values, nulls, expected);
	caller.undo();
}

Portal open_cursor(SPIPlanPtr plan, Datum *values, CursorSees sees)
{
	if (InSecurityRestrictedOperation())
		refuse_foreign_code(plan);
	bool is_read_only = sees == CursorSees::what_the_caller_does;
	return as_own_statement(text_of(plan),
							[&] { return SPI_cursor_open(nullptr, plan, values, nullptr, is_read_only); });
}

std::uint64_t fetch_rows(Portal portal, long most)
{
	return as_own_statement(portal->sourceText, [&] {
		SPI_cursor_fetch(portal, true, most);
		return SPI_processed;
	});
}

std::optional<Datum> optional_value(SPITupleTable const *rows, std::size_t row, int column, Oid type)
{
	Form_pg_attribute attribute = TupleDescAttr(rows->tupdesc, column - 1);
	if (attribute->atttypid != type && !IsBinaryCoercible(attribute->atttypid, type))
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						errmsg("column \"%s\" of a table of the extension \"vero_events\" is of type %s, not %s",
							   NameStr(attribute->attname), format_type_be(attribute->atttypid), format_type_be(type)),
						errhint("Give it its own type again.")));
	bool is_null;
	Datum value = SPI_getbinval(rows->vals[row], rows->tupdesc, column, &is_null);
	return is_null ? std::nullopt : std::optional(value);
}

Datum datum_value(SPITupleTable const *rows, std::size_t row, int column, Oid type)
{
	std::optional<Datum> value = optional_value(rows, row, column, type);
	if (!value)
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("column \"%s\" of a table of the extension \"vero_events\" is null",
							   NameStr(TupleDescAttr(rows->tupdesc, column - 1)->attname))));
	return *value;
}

std::optional<std::string_view> text_value(SPITupleTable const *rows, std::size_t row, int column)
{
	return varlena_value(rows, row, column, TEXTOID);
}

std::string string_value(SPITupleTable const *rows, std::size_t row, int column)
{
	return std::string(call([&] { return text_value(rows, row, column); }).value_or(""));
}

std::optional<std::string_view> bytes_value(SPITupleTable const *rows, std::size_t row, int column)
{
	return varlena_value(rows, row, column, BYTEAOID);
}

} // namespace vero::pg
