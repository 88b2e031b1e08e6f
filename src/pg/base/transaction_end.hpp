// What the extension does where a transaction or a subtransaction ends: its parts are called in the order in which they are written down.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "access/xact.h"
}

namespace vero::pg {

/// A part neither throws nor raises, but for XACT_EVENT_PRE_COMMIT and XACT_EVENT_PRE_PREPARE, where an ERROR ends the transaction.
/// Either may be null.
struct TransactionPart {
	void (*at_transaction)(XactEvent event);
	void (*at_subtransaction)(SubXactEvent event, SubTransactionId own, SubTransactionId parent);
};

/// Called once, when the library is loaded. `parts` lives as long as the program.
void install_transaction_end(std::span<TransactionPart const> parts);

} // namespace vero::pg
