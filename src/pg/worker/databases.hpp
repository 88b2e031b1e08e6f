// The databases of the server.
#pragma once

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

} // namespace vero::pg
