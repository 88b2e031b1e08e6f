// Why a transaction is rolled back: because somebody wishes so, or because something went wrong.
#include "pg/journal/rollback.hpp"

extern "C" {
#include "access/xact.h"
#include "storage/ipc.h"
#include "storage/pmsignal.h"
}

namespace vero::pg {
namespace {

bool is_rollback_statement; ///< the (sub)transaction ends by one, and no error had made it useless
int procedure_depth;		///< of running CALL and DO: the ROLLBACK of a procedure is no statement that hooks see

emit_log_hook_type next_emit_log;

struct Errors {
	std::string last;  ///< that ended the statement, and with it the (sub)transaction
	std::string fatal; ///< that ends the process
};

Errors &errors() noexcept
{
	static Errors errors;
	return errors;
}

bool is_rollback(Node *statement)
{
	if (!IsA(statement, TransactionStmt))
		return false;
	TransactionStmtKind kind = reinterpret_cast<TransactionStmt *>(statement)->kind;
	return kind == TRANS_STMT_ROLLBACK || kind == TRANS_STMT_ROLLBACK_TO;
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
		keep(error->elevel == ERROR ? errors().last : errors().fatal, error->message);
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
		return errors().last;
	std::string words;
	keep(words, message);
	pfree(message);
	return words;
}

void forget()
{
	is_rollback_statement = false;
	errors().last.clear();
}

} // namespace

void watch_rollbacks()
{
	next_emit_log = emit_log_hook;
	emit_log_hook = watch_log;
}

void watch_rollback_statements(UtilityCall const &statement)
{
	Node *tree = statement.tree();
	if (IsA(tree, CallStmt) || IsA(tree, DoStmt)) {
		procedure_depth++;
		PG_TRY();
		{
			statement.pass_on();
		}
		PG_FINALLY();
		{
			procedure_depth--;
		}
		PG_END_TRY();
		return;
	}
	bool is_meant = is_rollback(tree) && !IsAbortedTransactionBlockState();
	statement.pass_on();
	if (is_meant)
		is_rollback_statement = true; // it was accepted: the rollback itself comes behind this hook
}

void forget_at_end(XactEvent event)
{
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
		forget();
}

void forget_at_start(SubXactEvent event, SubTransactionId, SubTransactionId)
{
	if (event == SUBXACT_EVENT_START_SUB)
		forget();
}

void note_passing_error() noexcept
{
	MemoryContext before = MemoryContextSwitchTo(TopMemoryContext);
	ErrorData *error = CopyErrorData();
	if (error->elevel == FATAL && error->message != nullptr)
		keep(errors().fatal, error->message);
	FreeErrorData(error);
	MemoryContextSwitchTo(before);
}

Rollback explain_rollback()
{
	if (!errors().fatal.empty())
		return {false, errors().fatal};
	if (proc_exit_inprogress) {
		return {false, PostmasterIsAlive() ? "the session ended before its transaction was committed"
										   : "the server has crashed: its main process is gone"};
	}
	if (std::string words = words_of_error(); !words.empty())
		return {false, words};
	if (is_rollback_statement || (procedure_depth > 0 && !IsSubTransaction()))
		return {true, ""};
	return {false, IsSubTransaction() ? "an error that followed it was caught"
									  : "an error that followed it ended the transaction"};
}

} // namespace vero::pg
