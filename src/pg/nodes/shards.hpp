// The shards of a table that Citus distributes by the hash of a bigint.
#pragma once

#include "pg/base/postgres.hpp"

namespace vero::pg {

// All of these are to be called in call(), and need an SpiConnection, but for what says otherwise.

/// Which rows are in one shard, by the hash of the column that the table is distributed by.
struct HashRange {
	std::int32_t first;
	std::int32_t last;

	/// Needs no SpiConnection.
	bool has(std::int64_t key) const;
};

/// The hash that Citus takes: hashint8() as a signed number. Needs no SpiConnection.
std::int32_t shard_hash(std::int64_t key);

/// Where the shards of `table` begin, ascending, where vero.put_events() is called on the node that has them: it is distributed by the hash of `column`, each shard is on one node,
/// and Citus delegates the function. Else empty.
std::span<std::int32_t const> find_shards(Oid table, char const *column);

/// A shard on this node.
struct LocalShard {
	Oid relation;
	HashRange range;
};

/// That of vero.events which has the rows with this key, locked until the transaction ends against being moved and split, as Citus' own INSERT locks it. Raises an ERROR (40001) where
/// it is no longer here.
LocalShard lock_shard(std::int64_t key);

} // namespace vero::pg
