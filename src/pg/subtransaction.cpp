// Work that may fail alone.
#include "pg/subtransaction.hpp"

extern "C" {
#include "access/xact.h"
}

namespace vero::pg {

bool is_own_error(ErrorData const *error)
{
	int error_class = ERRCODE_TO_CATEGORY(error->sqlerrcode);
	return error->elevel == ERROR && error->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE &&
		   error_class != MAKE_SQLSTATE('4', '0', '0', '0', '0') &&
		   error_class != MAKE_SQLSTATE('5', '3', '0', '0', '0') &&
		   error_class != MAKE_SQLSTATE('5', '7', '0', '0', '0') &&
		   error_class != MAKE_SQLSTATE('5', '8', '0', '0', '0');
}

Subtransaction::Subtransaction() : context_(CurrentMemoryContext), owner_(CurrentResourceOwner)
{
	call([this] {
		BeginInternalSubTransaction(nullptr);
		MemoryContextSwitchTo(context_);
	});
}

void Subtransaction::leave(void (*end)()) const
{
	call([this, end] {
		end();
		MemoryContextSwitchTo(context_);
		CurrentResourceOwner = owner_;
	});
}

void Subtransaction::release() const
{
	leave(ReleaseCurrentSubTransaction);
}

void Subtransaction::roll_back() const
{
	leave(RollbackAndReleaseCurrentSubTransaction);
}

} // namespace vero::pg
