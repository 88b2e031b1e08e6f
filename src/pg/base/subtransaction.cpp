// Work that may fail alone.
#include "pg/base/subtransaction.hpp"

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

namespace {

/// To be called in call().
void roll_back_to(int level)
{
	while (GetCurrentTransactionNestLevel() > level)
		RollbackAndReleaseCurrentSubTransaction();
}

} // namespace

Subtransaction::Subtransaction()
	: context_(CurrentMemoryContext), owner_(CurrentResourceOwner), outer_level_(GetCurrentTransactionNestLevel())
{
	try {
		call([this] {
			BeginInternalSubTransaction(nullptr);
			MemoryContextSwitchTo(context_);
		});
	} catch (...) {
		roll_back(); // it may have begun
		throw;
	}
}

void Subtransaction::release() const
{
	call([this] {
		ReleaseCurrentSubTransaction();
		go_back();
	});
}

void Subtransaction::roll_back() const
{
	try {
		call([this] { end(); });
	} catch (...) {
		roll_back_again();
		throw;
	}
}

void Subtransaction::roll_back_again() const
{
	PG_TRY();
	{
		end();
	}
	PG_CATCH();
	{
		ereport(FATAL, (errmsg("a subtransaction cannot be rolled back"),
						errdetail("What the session wrote from here on would be lost with it.")));
	}
	PG_END_TRY();
}

void Subtransaction::end() const
{
	roll_back_to(outer_level_);
	go_back();
}

void Subtransaction::go_back() const
{
	MemoryContextSwitchTo(context_);
	CurrentResourceOwner = owner_;
}

} // namespace vero::pg
