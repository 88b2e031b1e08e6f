// What is known of the partitions of a table whose rows are written in bulk.
#pragma once

#include "pg/bulk/table_writer.hpp"

namespace vero::pg {

// All of these are to be called in call().

/// How a partition of `table` can take rows of its own. The table's policies and statement triggers are asked about elsewhere, the partition's own are not
/// asked by INSERT either. Is found out once for each partition, and again when it has changed.
PartitionService who_serves_partition(TargetTable const &table, Relation partition);

/// True where none of them is served by nobody, or has triggers of others. `relation` is `table`, locked.
bool all_partitions_take(TargetTable const &table, Relation relation);

} // namespace vero::pg
