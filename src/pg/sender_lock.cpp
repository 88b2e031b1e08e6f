// Says that this session sends the database's mail, and whether it is the only one.
#include "pg/sender_lock.hpp"

#include "pg/boundary.hpp"

extern "C" {
#include "catalog/pg_class_d.h"
#include "storage/lock.h"
#include "utils/lsyscache.h"
}

namespace vero::pg {
namespace {

/// An object lock on the table, which nothing of PostgreSQL's takes: it locks tables as relations.
LOCKTAG tag_of(Oid messages)
{
	LOCKTAG tag;
	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, RelationRelationId, messages, 1);
	return tag;
}

bool lock(Oid messages, LOCKMODE mode, bool is_patient)
{
	return call([&] {
		LOCKTAG tag = tag_of(messages);
		return LockAcquire(&tag, mode, true, !is_patient) != LOCKACQUIRE_NOT_AVAIL;
	});
}

} // namespace

void SenderLock::release(int mode)
{
	LOCKTAG tag = tag_of(messages_);
	(void)LockRelease(&tag, mode, true);
}

SenderLock::~SenderLock()
{
	if (is_shared_)
		release(ShareLock);
	if (is_exclusive_)
		release(ExclusiveLock);
}

bool SenderLock::acquire(Catalog const &catalog)
{
	messages_ = catalog.messages;
	is_exclusive_ = lock(messages_, ExclusiveLock, false);
	if (!is_exclusive_)
		share();
	return is_exclusive_;
}

void SenderLock::share()
{
	if (!is_shared_)
		is_shared_ = lock(messages_, ShareLock, true);
	if (std::exchange(is_exclusive_, false))
		release(ExclusiveLock);
}

} // namespace vero::pg
