// Writes events that Citus distributes over nodes.
#pragma once

#include "pg/bulk/table_writer.hpp"

namespace vero::pg {

/// Of vero.events, which is distributed. Where its rows could be written in bulk, were they here, they are gathered by shard, up to 16 MB, and the node that has the shard writes
/// them in bulk (vero.put_events()); a few, and everything else, go by INSERT, as open_table_writer() has it. Nobody checks the rows' foreign keys on the nodes: the
/// transaction has locked their contacts by SELECT ... FOR KEY SHARE, or created them, for either of which Citus holds a lock on the whole of vero.contacts on all nodes.
/// Needs an SpiConnection. Throws Error.
std::unique_ptr<TableWriter> open_node_writer(TargetTable const &table);

} // namespace vero::pg
