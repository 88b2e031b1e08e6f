// Keeps those apart who lock several imports, each in an order of its own: they would wait for one another.
#include "pg/import/several_imports.hpp"

#include "pg/base/boundary.hpp"
#include "pg/import/import_wait.hpp"

extern "C" {
#include "storage/lock.h"
}

namespace vero::pg {
namespace {

void lock(LOCKMODE mode)
{
	call([mode] {
		// the last number tells it from what SQL can lock, which has 1 and 2 there, and from the extension's other locks
		LOCKTAG tag;
		SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, 0, 0, 6);
		(void)LockAcquire(&tag, mode, false, false);
	});
}

} // namespace

// The modes conflict with one another, and neither with itself.

void keep_from_cascading_undos()
{
	WaitReason const reason("imports that are");
	lock(ShareLock);
}

void keep_from_backfills()
{
	lock(RowExclusiveLock);
}

} // namespace vero::pg
