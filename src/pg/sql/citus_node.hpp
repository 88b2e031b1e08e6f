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
/// of foreign keys would not see the contacts that the transaction has created, and Citus refuses to change contacts after events. And transactions that do so take turns, each to its end:
/// for whoever looks contacts up and locks or changes them, Citus locks all of them in several modes, one after the other, so that two at once would wait for each other.
void change_in_order(Catalog const &catalog);

/// Whether the nodes on which the transaction writes check foreign keys row by row.
enum class KeyChecks : unsigned char { are_off, are_on };

/// Whether they may be off where everything is as the extension made it, and this role writes: for superusers, while the session's triggers are on.
bool may_leave_out_key_checks(Oid role);

/// Until it is called again, or the (sub)transaction fails: to be set back before anything else is done. In a UserSwitch's scope, of a role that may, with an
/// SpiConnection. What is written meanwhile refers to rows that the transaction has locked by SELECT ... FOR KEY SHARE, or created: for either Citus holds a lock on the whole
/// table they are in, and nobody deletes one, on whichever node.
void set_key_checks(KeyChecks checks);

} // namespace vero::pg
