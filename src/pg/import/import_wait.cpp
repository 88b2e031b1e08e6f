// Says whom an import, or an event that is tracked, waits for.
#include "pg/import/import_wait.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/compat.hpp"

extern "C" {
#include "access/htup_details.h"
#include "access/twophase.h"
#include "funcapi.h"
#include "nodes/execnodes.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
}

namespace vero::pg {
namespace {

// PostgreSQL looks for a deadlock when deadlock_timeout has passed, and then, where log_lock_waits is on, tells the log that it waits.
// That message is the one moment in a wait for a lock in which anything else can be done.
constexpr char const *kWaitMessage = "process %d still waiting for";

char const *running; ///< what may wait now; null: nothing that says so
char const *reason;	 ///< what it waits for, if that is known; null: it is not
emit_log_hook_type next_emit_log;

void append_name(StringInfo names, char const *name)
{
	appendStringInfo(names, "%s%s", names->len > 0 ? ", " : "", name);
}

/// The name that PREPARE TRANSACTION gave it, of what pg_prepared_xacts shows; that needs no lock but for a moment.
void append_prepared(StringInfo names, TransactionId transaction)
{
	FmgrInfo function;
	fmgr_info(F_PG_PREPARED_XACT, &function);
	ReturnSetInfo result = {};
	result.type = T_ReturnSetInfo;
	result.allowedModes = SFRM_ValuePerCall;
	ExprContext context = {};
	context.ecxt_per_query_memory = CurrentMemoryContext;
	result.econtext = &context;
	LOCAL_FCINFO(arguments, 0);
	InitFunctionCallInfoData(*arguments, &function, 0, InvalidOid, nullptr, reinterpret_cast<Node *>(&result));
	for (;;) {
		Datum row = FunctionCallInvoke(arguments);
		if (result.isDone != ExprMultipleResult)
			return;
		bool is_null;
		HeapTupleHeader tuple = DatumGetHeapTupleHeader(row);
		if (DatumGetTransactionId(GetAttributeByNum(tuple, 1, &is_null)) == transaction) {
			char *name = TextDatumGetCString(GetAttributeByNum(tuple, 2, &is_null));
			append_name(names, psprintf("prepared transaction \"%s\"", name));
		}
	}
}

/// A prepared transaction has no process. It keeps the session's number for it, until the server is started again.
TransactionId prepared_transaction(LockInstanceData const &holder)
{
	bool are_more;
	TransactionId transaction = TwoPhaseGetXidByVirtualXID(compat::virtual_transaction(holder), &are_more);
	return TransactionIdIsValid(transaction) ? transaction : compat::virtual_transaction(holder).localTransactionId;
}

/// Who holds the lock that this process waits for.
char *describe_holders(BlockedProcsData const &blocked)
{
	StringInfoData names;
	initStringInfo(&names);
	for (int i = 0; i < blocked.nlocks; i++) {
		LockInstanceData const &holder = blocked.locks[i];
		if (holder.holdMask == 0 || holder.pid == MyProcPid)
			continue;
		if (holder.pid != 0) {
			append_name(&names, psprintf("the session with process ID %d", holder.pid));
		} else {
			append_prepared(&names, prepared_transaction(holder));
		}
	}
	return names.data;
}

bool is_of_contacts(BlockedProcsData const &blocked)
{
	return blocked.nlocks > 0 && blocked.locks[0].locktag.locktag_type != LOCKTAG_RELATION;
}

/// In the middle of another message, so nothing may be raised.
void tell()
{
	BlockedProcsData *blocked = GetBlockerStatusData(MyProcPid);
	char const *what = !is_of_contacts(*blocked) ? "a table that is" : reason != nullptr ? reason : "contacts that are";
	char *holders = describe_holders(*blocked);
	if (*holders == '\0')
		return; // by now it has the lock
	for (int level : {LOG, NOTICE}) {
		ereport(level, (errmsg("%s waits for %s in use by %s", running, what, holders),
						errdetail("It goes on when that transaction ends.")));
	}
}

void watch_log(ErrorData *message)
{
	if (next_emit_log != nullptr)
		next_emit_log(message);
	if (running == nullptr || message->elevel != LOG || message->message_id == nullptr ||
		strncmp(message->message_id, kWaitMessage, strlen(kWaitMessage)) != 0)
		return;
	HOLD_INTERRUPTS(); // a cancel takes effect when the message is out
	tell();
	RESUME_INTERRUPTS();
}

} // namespace

WaitReason::WaitReason(char const *what)
{
	reason = what;
}

WaitReason::~WaitReason()
{
	reason = nullptr;
}

void install_import_wait()
{
	next_emit_log = emit_log_hook;
	emit_log_hook = watch_log;
}

ImportWait::ImportWait(char const *who) : settings_level_(NewGUCNestLevel()), outer_(running)
{
	call([] {
		(void)set_config_option("log_lock_waits", "on", PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	});
	running = who;
}

ImportWait::~ImportWait()
{
	running = outer_;
}

void ImportWait::end()
{
	call([this] { AtEOXact_GUC(true, settings_level_); });
}

} // namespace vero::pg
