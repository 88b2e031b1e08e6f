// Transactions of a background worker.
#pragma once

#include "pg/base/boundary.hpp"

extern "C" {
#include "access/xact.h"
#include "pgstat.h"
#include "utils/snapmgr.h"
}

namespace vero::pg {

/// True while the worker is in a transaction: then a request to stop cancels what it does.
extern bool volatile is_in_worker_transaction;

/// Where the extension is installed: the worker, which began as the bootstrap role, is from here on no more than the owner of the
/// tables, until leave_owner() or the abort of the transaction. As for a UserSwitch, whatever is done is a security-restricted operation.
/// Throws Error.
void become_owner();
void leave_owner() noexcept;

/// Runs `work` in a transaction of its own, which is the owner's also while it commits, so that what is deferred to its end is not done
/// as anybody else; `activity` is what pg_stat_activity shows meanwhile. An exception leaves the transaction to whoever ends it.
template <class Work> std::invoke_result_t<Work> in_worker_transaction(char const *activity, Work &&work)
{
	call([activity] {
		is_in_worker_transaction = true;
		SetCurrentStatementStartTimestamp();
		StartTransactionCommand();
		PushActiveSnapshot(GetTransactionSnapshot());
		pgstat_report_activity(STATE_RUNNING, activity);
	});
	become_owner();
	auto commit = [] {
		call([] {
			PopActiveSnapshot();
			CommitTransactionCommand();
			leave_owner();
			is_in_worker_transaction = false;
			pgstat_report_stat(false);
			pgstat_report_activity(STATE_IDLE, nullptr);
		});
	};
	if constexpr (std::is_void_v<std::invoke_result_t<Work>>) {
		work();
		commit();
	} else {
		auto result = work();
		commit();
		return result;
	}
}

} // namespace vero::pg
