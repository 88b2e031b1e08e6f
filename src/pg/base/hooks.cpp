// Where PostgreSQL calls the extension: one ProcessUtility hook and one end of transactions, whose parts are called in written order.
#include "pg/base/hooks.hpp"

namespace vero::pg {
namespace {

std::span<UtilityPart const> utility_parts;
ProcessUtility_hook_type next_hook;

void process_utility(PlannedStmt *statement, char const *query, bool is_read_only_tree, ProcessUtilityContext context,
					 ParamListInfo parameters, QueryEnvironment *environment, DestReceiver *receiver,
					 QueryCompletion *completion)
{
	UtilityCall{statement, query, is_read_only_tree, context, parameters, environment, receiver, completion, 0}
		.pass_on();
}

std::span<TransactionPart const> transaction_parts;

void end_transaction(XactEvent event, void *)
{
	for (TransactionPart const &part : transaction_parts) {
		if (part.at_transaction != nullptr)
			part.at_transaction(event);
	}
}

void end_subtransaction(SubXactEvent event, SubTransactionId own, SubTransactionId parent, void *)
{
	for (TransactionPart const &part : transaction_parts) {
		if (part.at_subtransaction != nullptr)
			part.at_subtransaction(event, own, parent);
	}
}

} // namespace

void UtilityCall::pass_on() const
{
	if (next_part < utility_parts.size()) {
		UtilityCall rest = *this;
		rest.next_part++;
		utility_parts[next_part](rest);
		return;
	}
	auto *next = next_hook != nullptr ? next_hook : standard_ProcessUtility;
	next(statement, query, is_read_only_tree, context, parameters, environment, receiver, completion);
}

void install_utility_hook(std::span<UtilityPart const> parts)
{
	utility_parts = parts;
	next_hook = ProcessUtility_hook;
	ProcessUtility_hook = process_utility;
}

void install_transaction_end(std::span<TransactionPart const> parts)
{
	transaction_parts = parts;
	RegisterXactCallback(end_transaction, nullptr);
	RegisterSubXactCallback(end_subtransaction, nullptr);
}

} // namespace vero::pg
