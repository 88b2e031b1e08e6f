// Tells this data directory from every copy of it.
//
// A file in the data directory holds a name made at random, and what the file system alone gives a file: a copy of the file, or of
// the whole directory, is another file. Its name is one that base backups leave out.
#pragma once

#include "pg/base/postgres.hpp"

namespace vero::pg {

struct Instance {
	std::string id; ///< a UUID
	/// It has been a standby of the server whose data it has: what that one was allowed, it may do when it is promoted.
	bool was_standby;
};

/// Nothing where the file is not there, or is the copy of one. Throws std::bad_alloc only.
std::optional<Instance> find_instance();

/// The same, and makes the file where there is none. Throws Error.
Instance require_instance();

/// Keeps in mind that this server is started as a standby, if it is. To be called in the postmaster, in the data directory, without
/// a transaction; does nothing but log where it fails.
void note_standby();

} // namespace vero::pg
