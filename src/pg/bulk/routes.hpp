// Where the rows of a partitioned table go.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "utils/relcache.h"
}

namespace vero::pg {

/// The partitions of a table that is partitioned by range of one column of type bigint or timestamptz, as PostgreSQL's PartitionBoundInfo has them.
/// Its arrays are palloced, in the context that was the current one.
struct Routes {
	int count = 0;
	Oid const *partitions = nullptr;
	int bound_count = 0;
	std::int64_t const *bounds = nullptr; ///< ascending: where a range begins, and the one before it ends
	int const *places =
		nullptr; ///< for what is before the first bound, and from each bound on: the place among partitions, or kNone
	int default_place = kNone;

	static constexpr int kNone = -1;

	/// The place of the partition that takes rows with this key; kNone where there is none.
	int find(std::int64_t key) const;
};

/// True for a table that is partitioned so, by `column`. To be called in call(), as what follows.
bool has_routes(Relation table, char const *column);

/// Those of a table that has_routes(), or else the one that leads everywhere, as find_routes() has them. Takes and keeps the lock that INSERT takes.
Routes find_routes(Oid table, char const *column);

/// Its partitions, but for those that are being detached. Takes and keeps the lock that INSERT takes on the default partition, where there is one: no other is
/// attached then until the transaction ends. The table is locked.
Routes find_routes(Relation table);

} // namespace vero::pg
