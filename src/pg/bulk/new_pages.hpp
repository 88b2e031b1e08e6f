// Adds pages to a table or an index, several at a time.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "storage/bufmgr.h"
#include "utils/relcache.h"
}

namespace vero::pg {

/// Pages at the end of a table or an index that are nobody's yet. PostgreSQL adds an index's pages one by one, and until version 16 a table's, too: that takes longer
/// than to fill them. All is to be called in call().
class NewPages {
public:
	/// Some were added that were not taken yet.
	bool has_some() const { return next_ != end_; }
	/// An empty one, locked for writing, where `wanted` pages are about to be filled, this one among them. InvalidBuffer where PostgreSQL is to find one: a single page is wanted, or
	/// there is one that has `room` bytes left.
	Buffer take(Relation relation, std::size_t wanted, std::size_t room, BufferAccessStrategy strategy = nullptr);
	/// Has others find those that are left. Where it is not called, as the transaction fails, a vacuum finds them.
	void give_back_to_table(Relation table);
	void give_back_to_index(Relation index);

private:
	Buffer take_next(Relation relation, BufferAccessStrategy strategy);

	BlockNumber next_ = 0;
	BlockNumber end_ = 0;
};

} // namespace vero::pg
