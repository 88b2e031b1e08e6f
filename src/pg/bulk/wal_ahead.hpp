// Has WAL go to disk while more of it is made, not only when the transaction commits.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "access/xlog.h"
}

namespace vero::pg {

/// Without it, a backend that writes much waits for the disk each time when it has filled a segment, and at its commit for the rest. The WAL writer, which is
/// there for commits that do not wait, does the same meanwhile when it is told that there is something to flush.
class WalAhead {
public:
	/// Once more there is WAL of this transaction. To be called in call().
	void note()
	{
		XLogRecPtr const end = XactLastRecEnd;
		if (told_ == InvalidXLogRecPtr)
			told_ = end;
		if (end < told_ + kWorthwhile)
			return;
		told_ = end;
		XLogSetAsyncXactLSN(end);
	}

private:
	static constexpr std::uint64_t kWorthwhile = std::uint64_t{1} << 20; // bytes, as wal_writer_flush_after by default

	XLogRecPtr told_ = InvalidXLogRecPtr;
};

} // namespace vero::pg
