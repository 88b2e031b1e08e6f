// The extension's one ProcessUtility hook: its parts are called in the order in which they are written down.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
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

} // namespace vero::pg
