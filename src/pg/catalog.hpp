// The extension's own tables and who owns them.
#pragma once

#include "pg/postgres.hpp"

namespace vero::pg {

struct Catalog {
	Oid contacts;
	Oid events;
	Oid imports;
	Oid rejected_rows;
	Oid trigger_jobs;
	Oid messages;
	Oid owner; ///< of vero.imports: its bookkeeping is written as this role
};

/// Throws Error (3F000, 42P01) where the extension is not installed whole.
Catalog find_catalog();

/// Runs the rest of a scope as another role. Lives in call()'s function only: an ERROR need not undo it, as PostgreSQL does that
/// when it aborts the (sub)transaction.
struct UserSwitch {
	Oid user;
	int security_context;

	static UserSwitch become(Oid role);
	void undo() const;
};

} // namespace vero::pg
