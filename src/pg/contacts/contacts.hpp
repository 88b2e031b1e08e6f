// Finds and locks the contacts of an import, and creates the unknown ones.
#pragma once

#include "core/intake/batch.hpp"
#include "core/intake/contact_index.hpp"
#include "pg/contacts/contact_creator.hpp"
#include "pg/contacts/contact_inserter.hpp"
#include "pg/contacts/deferred_contacts.hpp"
#include "pg/sql/catalog.hpp"
#include "pg/sql/statement.hpp"

namespace vero::pg {

/// The ids of an import's contacts, by the slots that events have. Every id is locked against deletion until the end of the
/// transaction, as a foreign key's check would lock it, so that events may refer to it unchecked. Needs an SpiConnection.
///
/// Only one import at a time creates contacts as they come, and holds a lock for that until its transaction ends. Two that create
/// the same contacts in different orders would else end in a deadlock, far into both files. Whoever comes to a new contact meanwhile
/// does not wait: its batches are deferred until the lock is free or the file has ended, and then all of its new contacts are created at
/// once (DeferredContacts). Only where contacts have to be created by INSERT is the lock waited for.
class Contacts {
public:
	Contacts(Catalog const &catalog, std::int64_t import_id);

	/// Learns the ids of the new contacts of batches that follow one another, or says that it cannot now: somebody else creates contacts. Then these batches and
	/// those after them are to be deferred, until may_create() or the file's end. Slots begin anew with none of them but the first. Throws Error.
	bool resolve(std::span<Batch const *const> batches);
	/// Takes note of a batch whose contacts are to be there after create_deferred(); it is to be resolved again then. Throws Error.
	void defer(Batch const &batch);
	bool has_room_for(Batch const &batch) const { return !deferred_ || deferred_->has_room_for(batch); }
	/// Creates what was deferred. Waits for those who have created one of these contacts and have not ended. Throws Error.
	void create_deferred();
	/// True where contacts may be created as they come: nobody else does, until the transaction ends. Throws Error.
	bool may_create();
	/// Waits until that is so. Throws Error.
	void wait_for_turn();
	/// By slot, as far as slots are known. Valid until the next batch.
	std::span<std::int64_t const> ids() const { return ids_; }
	/// True where this import has created it and nothing has happened since, so that nobody can have stored an event of it.
	bool is_new(std::uint32_t slot) const { return are_new_[slot]; }
	/// Instead of resolve(), for who writes nothing: those that are not there have numbers below 0, each its own. Throws Error.
	void look_up(Batch const &batch);
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
	void list_missing(std::span<Batch const *const> batches);
	void add_missing(Batch const &batch);
	void find();
	void find_by_index();
	void find_by_select();
	void create();
	void create_in_bulk();
	void create_by_insert();
	void create_on_nodes();
	void wait_for_others();
	void drop_known();
	/// The place of an address among those that are missing, not before `from`. To be called in call().
	std::size_t place_of(std::string_view email, std::size_t from) const;
	std::vector<StoredBytes> missing_emails() const;
	Datum places_array() const;
	Datum emails_array() const;

	Catalog catalog_;
	std::int64_t import_id_;
	std::optional<HashKey> key_; ///< of the numbers of those that are not there
	std::int64_t created_ = 0;
	bool nearly_all_are_new_ = false; ///< of the contacts of the last batch
	bool may_create_ = false;		  ///< the lock that creating takes is held
	std::vector<std::int64_t> ids_;	  ///< by slot; 0: not known yet
	std::vector<bool> are_new_;		  ///< by slot: created in bulk, by this
	std::size_t most_slots_ = 0;	  ///< so many slots there were at most

	struct Missing {
		std::uint32_t slot;
		StoredBytes email;
	};
	std::vector<Missing> missing_; ///< in the order of their addresses
	ContactCreator creator_;
	ContactInserter inserter_;
	std::optional<DeferredContacts> deferred_;
	Prepared find_, create_;
	MemoryContext memory_; ///< emptied after each statement
};

} // namespace vero::pg
