// The operands of a condition's predicates, evaluated again one by one, and what is wrong with them.
#include "pg/campaigns/condition_operand.hpp"

#include "core/text/text.hpp"
#include "core/text/visible_text.hpp"
#include "pg/base/subtransaction.hpp"

extern "C" {
#include "utils/fmgrprotos.h"
}

namespace vero::pg {
namespace {

/// Characters of PostgreSQL's own words: they may repeat a value.
constexpr std::size_t kShownOfError = 2 * kShownLength;

/// The one item, or of several the array.
JsonbValue the_value(Jsonb *array)
{
	JsonbValue value;
	if (JB_ROOT_COUNT(array) == 1)
		return *getIthJsonbValueFromContainer(&array->root, 0);
	value.type = jbvBinary;
	value.val.binary.data = &array->root;
	value.val.binary.len = static_cast<int>(VARSIZE(array) - VARHDRSZ);
	return value;
}

std::string clipped(std::string_view text, std::size_t limit = kShownLength)
{
	return to_visible(clip(to_printable(text), limit));
}

std::string text_of(JsonPathPart const &part)
{
	return clipped(call([&part] { return part.text(); }));
}

std::string text_of(Jsonb *array)
{
	return clipped(call([array] {
		JsonbValue value = the_value(array);
		Jsonb *shown = JsonbValueToJsonb(&value);
		return JsonbToCString(nullptr, &shown->root, static_cast<int>(VARSIZE(shown)));
	}));
}

/// A number, or what lax jsonpath takes for one: an array of one.
bool is_number(Jsonb *array)
{
	return call([array] {
		JsonbValue value = the_value(array);
		if (value.type == jbvBinary && JsonContainerIsArray(value.val.binary.data) &&
			JsonContainerSize(value.val.binary.data) == 1)
			value = *getIthJsonbValueFromContainer(value.val.binary.data, 0);
		return value.type == jbvNumeric;
	});
}

/// Of an operand that is computed with.
std::optional<std::string> explain_number(JsonPathPart const &operand, Jsonb *input)
{
	if (std::optional<std::string> fault = explain_operand(operand, input))
		return fault;
	Yield yield = evaluate(operand, input);
	if (yield.items == nullptr)
		return text_of(operand) + ": " + yield.error;
	if (JB_ROOT_COUNT(yield.items) == 0)
		return "";
	if (is_number(yield.items))
		return std::nullopt;
	return describe_operand(operand, input) + " is not a number";
}

/// Of an operand without steps that gave an error: a computation.
std::string explain_computation(JsonPathPart const &operand, Jsonb *input, std::string const &error)
{
	std::optional<std::string> fault;
	switch (operand.item.type) {
	case jpiAdd:
	case jpiSub:
	case jpiMul:
	case jpiDiv:
	case jpiMod:
		fault = explain_number(operand.left(), input);
		if (!fault)
			fault = explain_number(operand.right(), input);
		break;
	case jpiPlus:
	case jpiMinus:
		fault = explain_number(operand.argument(), input);
		break;
	default:
		break;
	}
	return fault.value_or(text_of(operand) + ": " + error);
}

} // namespace

std::optional<jbvType> Yield::type() const
{
	if (items == nullptr || JB_ROOT_COUNT(items) != 1)
		return std::nullopt;
	return call([this] {
		JsonbValue value = the_value(items);
		if (value.type != jbvBinary)
			return value.type;
		return JsonContainerIsObject(value.val.binary.data) ? jbvObject : jbvArray;
	});
}

std::optional<bool> Yield::boolean() const
{
	if (type() != jbvBool)
		return std::nullopt;
	return call([this] { return the_value(items).val.boolean; });
}

Yield evaluate(JsonPathPart const &part, Jsonb *input)
{
	Yield yield;
	JsonPath *path = call([&] { return part.path(); });
	std::optional<std::string> error = try_in_subtransaction([&] {
		yield.items = call([&] {
			Datum no_variables = DirectFunctionCall1(jsonb_in, CStringGetDatum("{}"));
			return DatumGetJsonbP(DirectFunctionCall4(jsonb_path_query_array_tz, JsonbPGetDatum(input),
													  PointerGetDatum(path), no_variables, BoolGetDatum(false)));
		});
	});
	call([path] { pfree(path); }); // it is as large as the whole condition
	yield.error = clipped(error.value_or(""), kShownOfError);
	return yield;
}

std::string describe_operand(JsonPathPart const &operand, Jsonb *input)
{
	Yield value = evaluate(operand, input);
	if (value.items == nullptr)
		return text_of(operand);
	bool is_constant = jspIsScalar(operand.item.type) && !jspHasNext(&operand.item);
	return text_of(value.items) + (is_constant ? "" : " of " + text_of(operand));
}

std::optional<std::string> explain_operand(JsonPathPart const &operand, Jsonb *input)
{
	call([] { check_stack_depth(); });
	Yield whole = evaluate(operand, input);
	if (whole.items != nullptr)
		return std::nullopt;
	JsonPathItem step = operand.item;
	JsonPathPart before = operand.until(step);
	Yield yield = evaluate(before, input);
	if (yield.items == nullptr)
		return explain_computation(before, input, yield.error);
	while (JsonPathPart::advance(step)) {
		Yield after = evaluate(operand.until(step), input);
		if (after.items == nullptr) {
			bool is_missing = step.type == jpiKey && yield.type() == jbvObject;
			return is_missing ? "" : text_of(yield.items) + " of " + text_of(before) + ": " + after.error;
		}
		yield = std::move(after);
		before = operand.until(step);
	}
	return text_of(operand) + ": " + whole.error;
}

} // namespace vero::pg
