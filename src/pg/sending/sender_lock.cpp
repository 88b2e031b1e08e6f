// Says that this session sends the database's mail, and whether it is the only one.
#include "pg/sending/sender_lock.hpp"

#include "pg/base/boundary.hpp"

extern "C" {
#include "storage/lock.h"
}

namespace vero::pg {
namespace {

/// An advisory lock, since a session keeps only those where a transaction fails. The last number tells it from what SQL can lock, which
/// has 1 and 2 there.
LOCKTAG tag()
{
	LOCKTAG tag;
	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, 0, 0, 3);
	return tag;
}

/// `is_held` is known also where an error comes right behind it: nobody but us releases a session's lock.
void lock(LOCKMODE mode, bool is_patient, bool &is_held)
{
	call([&] {
		LOCKTAG ours = tag();
		is_held = LockAcquire(&ours, mode, true, !is_patient) != LOCKACQUIRE_NOT_AVAIL;
	});
}

void release(LOCKMODE mode)
{
	LOCKTAG ours = tag();
	(void)LockRelease(&ours, mode, true);
}

} // namespace

SenderLock::~SenderLock()
{
	if (is_shared_)
		release(ShareLock);
	if (is_exclusive_)
		release(ExclusiveLock);
}

bool SenderLock::acquire()
{
	lock(ExclusiveLock, false, is_exclusive_);
	if (!is_exclusive_)
		share();
	return is_exclusive_;
}

void SenderLock::share()
{
	if (!is_shared_)
		lock(ShareLock, true, is_shared_);
	if (std::exchange(is_exclusive_, false))
		release(ExclusiveLock);
}

} // namespace vero::pg
