// Creates contacts that Citus keeps on all nodes.
#pragma once

#include "core/intake/batch.hpp"
#include "pg/sql/statement.hpp"

namespace vero::pg {

/// INSERT INTO vero.contacts without ON CONFLICT and RETURNING, which Citus sends to all nodes as rows of a COPY: a third of what it costs with them. Serves
/// a vero.contacts that Citus keeps and that is as it was made, see can_serve(). Needs an SpiConnection.
class ContactInserter {
public:
	/// Throws Error.
	explicit ContactInserter(Catalog const &catalog);

	bool can_serve() const { return OidIsValid(sequence_); }
	/// Creates contacts for `emails`, which differ and were not there a moment ago, and gives their ids. False where somebody else has created one of them
	/// meanwhile: then none is created. Throws Error.
	bool create(std::span<StoredBytes const> emails, std::int64_t import_id, std::span<std::int64_t> ids);

private:
	Catalog catalog_;
	Oid sequence_; ///< of ids; InvalidOid: it cannot serve
	Prepared create_;
	MemoryContext memory_ = nullptr; ///< emptied after each statement
};

} // namespace vero::pg
