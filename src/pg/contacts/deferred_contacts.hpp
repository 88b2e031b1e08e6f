// Contacts of an import that are created all at once, so that nobody waits for one who holds some of them.
#pragma once

#include "pg/contacts/batch_file.hpp"
#include "pg/contacts/contact_creator.hpp"

namespace vero::pg {

/// Addresses gathered while another import creates contacts, and the contacts that are created for them at the end.
///
/// Whoever waits for somebody else's address has created nothing here: it is taken back first. So those who wait form no circle, in
/// whatever order their files have the addresses.
class DeferredContacts {
public:
	/// `creator` can serve and outlives it.
	DeferredContacts(Catalog const &catalog, ContactCreator &creator) : catalog_(catalog), creator_(creator) {}

	bool has_room_for(Batch const &batch) const { return addresses_.has_room_for({.contacts = batch.new_contacts}); }
	/// Takes note of the batch's new contacts. Throws Error.
	void add(Batch const &batch);
	/// Sees to it that all of them are there, and says how many it created. Those of other transactions that have not ended are waited
	/// for. To be called once, last. Throws Error.
	std::int64_t create();

private:
	struct Unknown {
		std::vector<StoredBytes> emails; ///< in order
		std::vector<std::size_t> places; ///< among all addresses
	};

	void rewind();
	bool read_unknown(Unknown &unknown);
	void find();
	TransactionId try_to_create();
	TransactionId create_unknown();
	TransactionId create(Unknown &unknown);
	TransactionId drop_present(Unknown &unknown);

	Catalog catalog_;
	ContactCreator &creator_;
	BatchFile addresses_{"deferred contacts"}; ///< of each batch in order
	Batch batch_;							   ///< that is being read
	std::vector<bool> is_known_;
	std::size_t next_ = 0;	   ///< place of the address that is read next
	bool may_repeat_ = false;  ///< addresses were forgotten meanwhile, and may be among those before
	std::int64_t created_ = 0; ///< by the last attempt
};

} // namespace vero::pg
