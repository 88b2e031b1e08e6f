// Statements run inside the server.
#include "pg/sql/spi.hpp"

#include "pg/base/boundary.hpp"
#include "pg/sql/foreign_code.hpp"

extern "C" {
#include "executor/execExpr.h"
}

namespace vero::pg {

namespace {

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

/// To be called while a statement is run. By then SPI has put a callback behind `before`, which was the last one, that adds the
/// statement's text to whatever is reported: a NOTICE of the owner's trigger has nothing to do with it.
void leave_out_of_context(void const *before)
{
	for (ErrorContextCallback *callback = error_context_stack; callback != nullptr; callback = callback->previous) {
		if (callback->previous == before) {
			callback->callback = add_no_context;
			break;
		}
	}
}

/// A parameter's value, asked for by the planner, or by the executor where there was a plan.
ParamExternData *fetch_parameter(ParamListInfo parameters, int number, bool, ParamExternData *)
{
	leave_out_of_context(parameters->paramFetchArg);
	return &parameters->params[number - 1];
}

/// A parameter in a plan that is made ready, before anything of it is run: does what PostgreSQL would.
void compile_parameter(ParamListInfo parameters, Param *parameter, ExprState *state, Datum *value, bool *is_null)
{
	leave_out_of_context(parameters->paramFetchArg);
	ExprEvalStep step = {};
	step.opcode = EEOP_PARAM_EXTERN;
	step.resvalue = value;
	step.resnull = is_null;
	step.d.param.paramid = parameter->paramid;
	step.d.param.paramtype = parameter->paramtype;
	ExprEvalPushStep(state, &step);
}

ErrorContextCallback *before_utility; ///< of the statement that is run now, if nothing plans it

/// Null where there are none.
ParamListInfo parameters_of(SPIPlanPtr plan, Datum const *values, char const *nulls)
{
	int count = SPI_getargcount(plan);
	if (count == 0)
		return nullptr;
	ParamListInfo parameters = makeParamList(count);
	parameters->paramFetch = fetch_parameter;
	parameters->paramFetchArg = error_context_stack;
	parameters->paramCompile = compile_parameter;
	for (int i = 0; i < count; i++) {
		parameters->params[i] = {values[i], nulls != nullptr && nulls[i] == 'n', PARAM_FLAG_CONST,
								 SPI_getargtypeid(plan, i)};
	}
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

SPIPlanPtr prepare_statement(char const *sql, std::span<Oid const> types, Planned planned)
{
	int options = planned == Planned::once ? CURSOR_OPT_GENERIC_PLAN : CURSOR_OPT_CUSTOM_PLAN;
	SPIPlanPtr plan = as_own_statement(sql, [&] {
		return SPI_prepare_cursor(sql, static_cast<int>(types.size()), const_cast<Oid *>(types.data()), options);
	});
	if (plan == nullptr)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	return plan;
}

Executed execute_statement(SPIPlanPtr plan, Datum *values, char const *nulls)
{
	SPIExecuteOptions options{};
	options.params = parameters_of(plan, values, nulls);
	before_utility = error_context_stack;
	int result = as_own_statement(text_of(plan), [&] {
		if (InSecurityRestrictedOperation())
			refuse_foreign_code(plan);
		return SPI_execute_plan_extended(plan, &options);
	});
	if (result == SPI_OK_REWRITTEN) {
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("a rule replaces a statement of the extension \"vero_events\" by none of its kind"),
						errhint("Drop the rule DO INSTEAD on the extension's table, or give it a condition.")));
	}
	if (result < 0)
		elog(ERROR, "SPI_execute_plan_extended failed: %s", SPI_result_code_string(result));
	return {SPI_tuptable, SPI_processed};
}

Portal open_cursor(SPIPlanPtr plan, Datum *values, char const *nulls, CursorSees sees)
{
	if (InSecurityRestrictedOperation())
		refuse_foreign_code(plan);
	bool is_read_only = sees == CursorSees::what_the_caller_does;
	ParamListInfo parameters = parameters_of(plan, values, nulls);
	return as_own_statement(text_of(plan),
							[&] { return SPI_cursor_open_with_paramlist(nullptr, plan, parameters, is_read_only); });
}

Executed fetch_rows(Portal portal, long most)
{
	return as_own_statement(portal->sourceText, [&] {
		SPI_cursor_fetch(portal, true, most);
		return Executed{SPI_tuptable, SPI_processed};
	});
}

void keep_utility_out_of_context(UtilityCall const &call)
{
	if (detail::own_statement != nullptr && call.query == detail::own_statement)
		leave_out_of_context(before_utility);
	call.pass_on();
}

} // namespace vero::pg
