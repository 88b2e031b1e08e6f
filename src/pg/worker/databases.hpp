// The databases of the server: which there are, and how workers are kept out of those that are dropped, copied, renamed or moved.
#pragma once

#include "pg/base/hooks.hpp"
#include "pg/base/postgres.hpp"

namespace vero::pg {

struct Database {
	Oid oid;
	/// It may be connected to, and is no template: those are nobody's, and are copied while nobody is connected to them.
	bool is_served;
};

/// All of them, in a transaction of its own, which takes no connection to a database. Throws Error.
std::vector<Database> find_databases();

inline bool exists(std::vector<Database> const &databases, Oid oid)
{
	return std::any_of(databases.begin(), databases.end(), [oid](Database const &one) { return one.oid == oid; });
}

/// Ends the workers of a database that the statement wants for itself, and keeps new ones away. A UtilityPart.
void hold_databases(UtilityCall const &statement);

/// Lets workers in again, once others see what became of the database. Called where a transaction ends.
void release_databases(XactEvent event);

} // namespace vero::pg
