// Finds and locks the contacts of an import, and creates the unknown ones.
#pragma once

#include "core/contact_index.hpp"
#include "pg/catalog.hpp"
#include "pg/spi.hpp"

namespace vero::pg {

/// The ids of the contacts in an import's ContactIndex. Every id that it gives out is locked against deletion until the end of the
/// transaction, as a foreign key's check would lock it, so that events may refer to it unchecked. Needs an SpiConnection.
///
/// Imports that create contacts do so one after the other: the first to create one holds a lock until its transaction ends. Two
/// that create the same contacts in different orders would else end in a deadlock, far into both files.
class Contacts {
public:
	Contacts(Catalog const &catalog, std::int64_t import_id);

	/// Learns the ids of all contacts that came to `index` since the last call. Throws Error.
	void resolve(ContactIndex const &index);
	std::int64_t id(std::uint32_t slot) const { return ids_[slot]; }
	std::int64_t created() const { return created_; }

	/// Forgets all ids, to be called when the index is cleared.
	void clear() { ids_.clear(); }

private:
	void find(ContactIndex const &index);
	void create(ContactIndex const &index);
	void collect_missing(ContactIndex const &index, std::uint32_t from);
	void create_missing(ContactIndex const &index, std::uint32_t from);
	void note_found();
	void note_created(ContactIndex const &index);
	Datum slots_array() const;
	Datum emails_array(ContactIndex const &index) const;

	Catalog catalog_;
	std::int64_t import_id_;
	std::int64_t created_ = 0;
	bool most_are_new_ = false;
	bool may_create_ = false;		///< the lock is held
	std::vector<std::int64_t> ids_; ///< by slot; 0: not known yet
	std::vector<std::uint32_t> missing_;
	SPIPlanPtr find_plan_;
	SPIPlanPtr create_plan_;
	MemoryContext memory_; ///< emptied after each statement
};

} // namespace vero::pg
