// Records of people who were forgotten, which an import may be told to leave out.
#pragma once

#include "core/intake/batch.hpp"
#include "pg/sql/catalog.hpp"

#include <vector>

namespace vero::pg {

/// Nobody is forgotten from its beginning to the transaction's end, so that none comes back whom it did not see. Needs an SpiConnection.
class SuppressedRecords {
public:
	/// Throws Error.
	explicit SuppressedRecords(Catalog const &catalog);

	/// Makes rejects of the batch's events whose addresses are suppressed (pg/outbox/suppressions.hpp): all that is kept of these records is where they stand.
	/// Nobody looks for their contacts any more. Events have origins. Throws Error; Report (58P01) where nobody can know who is suppressed.
	void reject(Batch &batch);

private:
	void find(Batch &batch);

	Catalog catalog_;
	std::vector<bool> are_suppressed_; ///< by slot, as far as slots are known
	MemoryContext memory_;			   ///< emptied for each batch
};

} // namespace vero::pg
