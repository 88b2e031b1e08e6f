// Why a campaign's condition is neither true nor false for a job.
#include "pg/campaigns/condition_fault.hpp"

#include "pg/base/boundary.hpp"
#include "pg/campaigns/condition_operand.hpp"

namespace vero::pg {
namespace {

/// What a jsonpath predicate says: yes, no, or that it does not know.
enum class Outcome : unsigned char { no, yes, unknown };

/// Those parts of a condition by which it is unknown.
using Causes = std::vector<JsonPathPart>;

bool is_predicate(JsonPathItem const &item)
{
	switch (item.type) {
	case jpiAnd:
	case jpiOr:
	case jpiNot:
	case jpiIsUnknown:
	case jpiEqual:
	case jpiNotEqual:
	case jpiLess:
	case jpiGreater:
	case jpiLessOrEqual:
	case jpiGreaterOrEqual:
	case jpiExists:
	case jpiStartsWith:
	case jpiLikeRegex:
		return !jspHasNext(&item);
	default:
		return false;
	}
}

std::string explain_predicate(JsonPathPart const &part, Jsonb *input)
{
	if (part.item.type == jpiExists)
		return explain_operand(part.argument(), input).value_or("");
	JsonPathPart left = part.left();
	if (std::optional<std::string> fault = explain_operand(left, input))
		return *fault;
	if (part.item.type == jpiStartsWith || part.item.type == jpiLikeRegex)
		return describe_operand(left, input) + " is not a string";
	JsonPathPart right = part.right();
	if (std::optional<std::string> fault = explain_operand(right, input))
		return *fault;
	return describe_operand(left, input) + " cannot be compared with " + describe_operand(right, input);
}

Outcome judge(JsonPathPart const &part, Jsonb *input, Causes &causes);

/// Either side with the `decisive` outcome decides whatever the other one is.
Outcome judge_both(JsonPathPart const &part, Jsonb *input, Outcome decisive, Causes &causes)
{
	Outcome left = judge(part.left(), input, causes);
	if (left == decisive)
		return left;
	Outcome right = judge(part.right(), input, causes);
	return right == decisive || left != Outcome::unknown ? right : left;
}

/// Appends to `causes` where the outcome is unknown, and else leaves them as they were.
Outcome judge(JsonPathPart const &part, Jsonb *input, Causes &causes)
{
	call([] {
		check_stack_depth();
		CHECK_FOR_INTERRUPTS();
	});
	std::size_t causes_before = causes.size();
	Outcome outcome = Outcome::unknown;
	if (part.item.type == jpiAnd || part.item.type == jpiOr) {
		outcome = judge_both(part, input, part.item.type == jpiAnd ? Outcome::no : Outcome::yes, causes);
	} else if (part.item.type == jpiNot) {
		Outcome argument = judge(part.argument(), input, causes);
		outcome = argument == Outcome::yes ? Outcome::no : argument == Outcome::no ? Outcome::yes : argument;
	} else if (std::optional<bool> answer = evaluate(part, input).boolean()) {
		outcome = *answer ? Outcome::yes : Outcome::no;
	} else {
		causes.push_back(part);
	}
	if (outcome != Outcome::unknown)
		causes.erase(causes.begin() + static_cast<std::ptrdiff_t>(causes_before), causes.end());
	return outcome;
}

} // namespace

std::string find_condition_fault(JsonPath *condition, Jsonb *input)
{
	JsonPathPart whole = JsonPathPart::of(condition);
	if (!is_predicate(whole.item))
		return "";
	Causes causes;
	judge(whole, input, causes);
	for (JsonPathPart const &cause : causes) {
		if (std::string fault = explain_predicate(cause, input); !fault.empty())
			return fault;
	}
	return "";
}

std::string find_condition_error(JsonPath *condition, Jsonb *input)
{
	return explain_operand(JsonPathPart::of(condition), input).value_or("");
}

} // namespace vero::pg
