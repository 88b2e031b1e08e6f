// Tells the worker of this database that there is work.
#include "pg/slots/wakeup.hpp"

#include "pg/base/boundary.hpp"
#include "pg/slots/worker_slots.hpp"

extern "C" {
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

/// When the first work of this transaction is due.
TimestampTz first_due = DT_NOEND;
bool is_worker = false;

} // namespace

void wake_worker_at_commit(TimestampTz due)
{
	if (!has_worker_slots() || is_worker)
		return;
	first_due = std::min(first_due, due);
}

void wake_at_end(XactEvent event)
{
	if (event == XACT_EVENT_COMMIT && first_due != DT_NOEND)
		note_work(MyDatabaseId, first_due); // the commit is visible to others by now
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
		first_due = DT_NOEND;
}

void ignore_own_wakeups()
{
	is_worker = true;
}

void wake_worker() noexcept
{
	note_work(MyDatabaseId, GetCurrentTimestamp());
}

} // namespace vero::pg

using namespace vero::pg;

/// A trigger of tables that the worker reads: whoever writes something for it wakes it.
VERO_FUNCTION(vero_wake_worker)
{
	(void)fcinfo;
	return enter([] {
		wake_worker_at_commit(GetCurrentTimestamp());
		return static_cast<Datum>(0);
	});
}
