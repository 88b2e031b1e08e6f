// Why a transaction is rolled back: because somebody wishes so, or because something went wrong.
#include "pg/journal/rollback.hpp"

extern "C" {
#include "access/xact.h"
#include "storage/ipc.h"
#include "storage/pmsignal.h"
#include "tcop/utility.h"
}

namespace vero::pg {
namespace {

bool is_rollback_statement; ///< the (sub)transaction ends by one, and no error had made it useless
int procedure_depth;		///< of running CALL and DO: the ROLLBACK of a procedure is no statement that hooks see
std::string last_error;		///< that ended the statement, and with it the (sub)transaction
std::string fatal_error;	///< that ends the process

ProcessUtility_hook_type next_utility;
emit_log_hook_type next_emit_log;

bool is_rollback(Node *statement)
{
	if (!IsA(statement, TransactionStmt))
		return false;
	TransactionStmtKind kind = reinterpret_cast<TransactionStmt *>(statement)->kind;
	return kind == TRANS_STMT_ROLLBACK || kind == TRANS_STMT_ROLLBACK_TO;
}

/// Jumped over by errors, so plain C.
void watch_utility(PlannedStmt *statement, char const *query, bool is_read_only_tree, ProcessUtilityContext context,
				   ParamListInfo parameters, QueryEnvironment *environment, DestReceiver *receiver,
				   QueryCompletion *completion)
{
	auto *next = next_utility != nullptr ? next_utility : standard_ProcessUtility;
	if (IsA(statement->utilityStmt, CallStmt) || IsA(statement->utilityStmt, DoStmt)) {
		procedure_depth++;
		PG_TRY();
		{
			next(statement, query, is_read_only_tree, context, parameters, environment, receiver, completion);
		}
		PG_FINALLY();
		{
			procedure_depth--;
		}
		PG_END_TRY();
		return;
	}
	bool is_meant = is_rollback(statement->utilityStmt) && !IsAbortedTransactionBlockState();
	next(statement, query, is_read_only_tree, context, parameters, environment, receiver, completion);
	if (is_meant)
		is_rollback_statement = true; // it was accepted: the rollback itself comes behind this hook
}

void keep(std::string &place, char const *message) noexcept
{
	try {
		place = message;
	} catch (std::bad_alloc const &) {
		place.clear();
	}
}

/// An error is reported just before what it ends is rolled back; after a FATAL one there is no other place to get its words.
void watch_log(ErrorData *error)
{
	if (error->message != nullptr && error->elevel >= ERROR)
		keep(error->elevel == ERROR ? last_error : fatal_error, error->message);
	if (next_emit_log != nullptr)
		next_emit_log(error);
}

/// The message of the error that PostgreSQL has in hand, which it lets go of when the rollback is over; null where there is none. There
/// is no way to ask for that but to try. Jumped over by errors, so plain C.
char *message_in_hand()
{
	MemoryContext before = MemoryContextSwitchTo(TopMemoryContext);
	uint32 interrupts_held = InterruptHoldoffCount, cancels_held = QueryCancelHoldoffCount;
	char *volatile message = nullptr;
	PG_TRY();
	{
		ErrorData *error = CopyErrorData();
		if (error->elevel >= ERROR && error->message != nullptr)
			message = pstrdup(error->message);
		FreeErrorData(error);
	}
	PG_CATCH();
	{
		FlushErrorState(); // "errstart was not called": there was none, and so there is none again
		InterruptHoldoffCount = interrupts_held;
		QueryCancelHoldoffCount = cancels_held;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(before);
	return message;
}

/// What went wrong, if anything did.
std::string words_of_error()
{
	char *message = message_in_hand();
	if (message == nullptr)
		return last_error;
	std::string words;
	keep(words, message);
	pfree(message);
	return words;
}

void forget()
{
	is_rollback_statement = false;
	last_error.clear();
}

void forget_at_end(XactEvent event, void *)
{
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
		forget();
}

/// Where one starts, the transaction is in order, perhaps again: ROLLBACK TO SAVEPOINT starts it anew.
void forget_at_start(SubXactEvent event, SubTransactionId, SubTransactionId, void *)
{
	if (event == SUBXACT_EVENT_START_SUB)
		forget();
}

} // namespace

void watch_rollbacks()
{
	next_utility = ProcessUtility_hook;
	ProcessUtility_hook = watch_utility;
	next_emit_log = emit_log_hook;
	emit_log_hook = watch_log;
	// callbacks are called in the reverse order: these come last
	RegisterXactCallback(forget_at_end, nullptr);
	RegisterSubXactCallback(forget_at_start, nullptr);
}

void note_passing_error() noexcept
{
	MemoryContext before = MemoryContextSwitchTo(TopMemoryContext);
	ErrorData *error = CopyErrorData();
	if (error->elevel == FATAL && error->message != nullptr)
		keep(fatal_error, error->message);
	FreeErrorData(error);
	MemoryContextSwitchTo(before);
}

Rollback explain_rollback()
{
	if (!fatal_error.empty())
		return {false, fatal_error};
	if (proc_exit_inprogress)
		return {false, PostmasterIsAlive() ? "the session ended before its transaction was committed"
										   : "the server has crashed: its main process is gone"};
	if (std::string words = words_of_error(); !words.empty())
		return {false, words};
	if (is_rollback_statement || (procedure_depth > 0 && !IsSubTransaction()))
		return {true, ""};
	return {false, IsSubTransaction() ? "an error that followed it was caught"
									  : "an error that followed it ended the transaction"};
}

} // namespace vero::pg
