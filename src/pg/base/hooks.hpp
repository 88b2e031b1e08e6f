// Where PostgreSQL calls the extension: one ProcessUtility hook and one end of transactions, whose parts are called in written order.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "access/xact.h"
#include "tcop/utility.h"
}

namespace vero::pg {

/// A utility statement on its way to PostgreSQL, with what ProcessUtility_hook gets (tcop/utility.h).
struct UtilityCall {
	PlannedStmt *statement;
	char const *query;
	bool is_read_only_tree;
	ProcessUtilityContext context;
	ParamListInfo parameters;
	QueryEnvironment *environment;
	DestReceiver *receiver;
	QueryCompletion *completion;
	std::size_t next_part; ///< of the table

	Node *tree() const { return statement->utilityStmt; }

	/// Hands it to the next part, and behind the last one to whoever had the hook before, or to PostgreSQL. Raises what that raises.
	void pass_on() const;
};

/// Does what is its own and passes the statement on, unless the statement is its own. An ERROR may jump over its frame.
using UtilityPart = void (*)(UtilityCall const &call);

/// Called once, when the library is loaded. `parts` lives as long as the program.
void install_utility_hook(std::span<UtilityPart const> parts);

/// A part neither throws nor raises, but for XACT_EVENT_PRE_COMMIT and XACT_EVENT_PRE_PREPARE, where an ERROR ends the transaction.
/// Either may be null.
struct TransactionPart {
	void (*at_transaction)(XactEvent event);
	void (*at_subtransaction)(SubXactEvent event, SubTransactionId own, SubTransactionId parent);
};

/// Called once, when the library is loaded. `parts` lives as long as the program.
void install_transaction_end(std::span<TransactionPart const> parts);

} // namespace vero::pg
