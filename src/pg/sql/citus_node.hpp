// Where this server stands in a cluster of Citus, and what the extension does about it.
#pragma once

#include "pg/sql/catalog.hpp"

namespace vero::pg {

// All of these are to be called in call().

/// True on a node of a cluster that is not its coordinator: the extension's tables there are not those that the coordinator's sequences, jobs and
/// messages belong to. Asks Citus' own catalog each time; where there is no Citus, there is nothing to ask.
bool is_worker_node();

/// Raises an ERROR (55000) on such a node.
void require_coordinator();

/// Where Citus distributes the events: statements of the transaction go to one node after the other from now on, each over one connection. Over several, the checks
/// of foreign keys would not see the contacts that the transaction has created, and Citus refuses to change contacts after events.
void change_in_order(Catalog const &catalog);

} // namespace vero::pg
