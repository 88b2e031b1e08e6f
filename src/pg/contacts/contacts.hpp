// Finds and locks the contacts of an import, and creates the unknown ones.
#pragma once

#include "core/intake/batch.hpp"
#include "core/intake/contact_index.hpp"
#include "pg/contacts/contact_creator.hpp"
#include "pg/sql/catalog.hpp"
#include "pg/sql/statement.hpp"

namespace vero::pg {

/// The ids of an import's contacts, by the slots that events have. Every id is locked against deletion until the end of the
/// transaction, as a foreign key's check would lock it, so that events may refer to it unchecked. Needs an SpiConnection.
///
/// Imports that create contacts do so one after the other: the first to create one holds a lock until its transaction ends. Two
/// that create the same contacts in different orders would else end in a deadlock, far into both files.
class Contacts {
public:
	Contacts(Catalog const &catalog, std::int64_t import_id);

	/// Learns the ids of the batch's new contacts. Throws Error.
	void resolve(Batch const &batch);
	std::int64_t id(std::uint32_t slot) const { return ids_[slot]; }
	/// Tells the processor that id() will be asked: the ids of a million contacts are in none of its caches.
	void prefetch(std::uint32_t slot) const { __builtin_prefetch(&ids_[slot]); }
	std::int64_t created() const { return created_; }
	/// Memory that the contacts which were known at a time take, in bytes, roughly: here and in their ContactIndex. What was forgotten
	/// leaves its memory to those that come.
	std::size_t bytes() const { return bytes_for(most_slots_); }
	static constexpr std::size_t bytes_for(std::size_t slots)
	{
		return slots * sizeof(std::int64_t) + ContactIndex::bytes_for(slots, BatchLimits().contact_slots());
	}
	/// To be called once, last. Throws Error.
	void finish();

private:
	void find();
	void find_by_index();
	void find_by_select();
	void create();
	void create_in_bulk();
	void create_by_insert();
	void drop_known();
	/// The place of an address among those that are missing, not before `from`. To be called in call().
	std::size_t place_of(std::string_view email, std::size_t from) const;
	std::vector<StoredBytes> missing_emails() const;
	Datum places_array() const;
	Datum emails_array() const;

	Catalog catalog_;
	std::int64_t import_id_;
	std::int64_t created_ = 0;
	bool nearly_all_are_new_ = false; ///< of the contacts of the last batch
	bool may_create_ = false;		  ///< the lock that creating takes is held
	std::vector<std::int64_t> ids_;	  ///< by slot; 0: not known yet
	std::size_t most_slots_ = 0;	  ///< so many slots there were at most

	struct Missing {
		std::uint32_t slot;
		StoredBytes email;
	};
	std::vector<Missing> missing_; ///< in the order of their addresses
	ContactCreator creator_;
	Prepared find_, create_;
	MemoryContext memory_; ///< emptied after each statement
};

} // namespace vero::pg
