// The extension's one ProcessUtility hook.
#include "pg/base/utility_hook.hpp"

namespace vero::pg {
namespace {

std::span<UtilityPart const> parts_in_order;
ProcessUtility_hook_type next_hook;

void process_utility(PlannedStmt *statement, char const *query, bool is_read_only_tree, ProcessUtilityContext context,
					 ParamListInfo parameters, QueryEnvironment *environment, DestReceiver *receiver,
					 QueryCompletion *completion)
{
	UtilityCall{statement, query, is_read_only_tree, context, parameters, environment, receiver, completion, 0}
		.pass_on();
}

} // namespace

void UtilityCall::pass_on() const
{
	if (next_part < parts_in_order.size()) {
		UtilityCall rest = *this;
		rest.next_part++;
		parts_in_order[next_part](rest);
		return;
	}
	auto *next = next_hook != nullptr ? next_hook : standard_ProcessUtility;
	next(statement, query, is_read_only_tree, context, parameters, environment, receiver, completion);
}

void install_utility_hook(std::span<UtilityPart const> parts)
{
	parts_in_order = parts;
	next_hook = ProcessUtility_hook;
	ProcessUtility_hook = process_utility;
}

} // namespace vero::pg
