// Why a transaction is rolled back: because somebody wishes so, or because something went wrong.
#pragma once

#include "pg/base/hooks.hpp"

namespace vero::pg {

/// Called once, when the library is loaded: listens to errors.
void watch_rollbacks();
/// Takes note of ROLLBACK, CALL and DO. A UtilityPart.
void watch_rollback_statements(UtilityCall const &statement);
/// Called where a transaction ends, behind those who ask why.
void forget_at_end(XactEvent event);
/// Called where a subtransaction starts: the transaction is in order, perhaps again, as ROLLBACK TO SAVEPOINT starts one anew.
void forget_at_start(SubXactEvent event, SubTransactionId own, SubTransactionId parent);

struct Rollback {
	bool is_meant;	   ///< ROLLBACK or ROLLBACK TO SAVEPOINT of a transaction in which no error happened
	std::string words; ///< otherwise: what went wrong, for people
};

/// To be called in a context callback of errors: keeps the words of one that ends the process, which nobody else hears where
/// log_min_messages keeps them out of the log.
void note_passing_error() noexcept;

/// To be asked in the callback for the end of a transaction or subtransaction that is rolled back. Throws std::bad_alloc only.
Rollback explain_rollback();

} // namespace vero::pg
