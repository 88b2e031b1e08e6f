// Contacts of an import that are created all at once, so that nobody waits for one who holds some of them.
#include "pg/contacts/deferred_contacts.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/subtransaction.hpp"

extern "C" {
#include "catalog/pg_class_d.h"
#include "storage/lmgr.h"
}

namespace vero::pg {
namespace {

// Two that create at the same moment would only take back what they have for one another. On an object that nothing else locks.
constexpr std::uint16_t kCreatingDeferred = 1;

} // namespace

void DeferredContacts::add(Batch const &batch)
{
	std::vector<StoredBytes> emails;
	for (std::uint32_t place : batch.contacts_in_order)
		emails.push_back(batch.new_contacts[place]);
	addresses_.write(batch, {.contacts = emails});
	is_known_.resize(is_known_.size() + emails.size());
}

std::int64_t DeferredContacts::create()
{
	for (;;) {
		find();
		TransactionId holder = try_to_create();
		if (!TransactionIdIsValid(holder))
			break;
		call([holder] { ContactFinder::wait_for(holder); });
	}
	addresses_.close();
	return created_;
}

void DeferredContacts::rewind()
{
	addresses_.rewind();
	next_ = 0;
	may_repeat_ = false;
}

/// The addresses of the next batch that have no contact as far as is known; false behind the last batch.
bool DeferredContacts::read_unknown(Unknown &unknown)
{
	check_for_interrupts();
	unknown.emails.clear();
	unknown.places.clear();
	if (!addresses_.read(batch_))
		return false;
	may_repeat_ = may_repeat_ || (next_ > 0 && batch_.first_new_contact == 0);
	for (StoredBytes email : batch_.new_contacts) {
		if (!is_known_[next_]) {
			unknown.emails.push_back(email);
			unknown.places.push_back(next_);
		}
		next_++;
	}
	return true;
}

/// Looks for all of them, and locks those that are there: so nobody has to be waited for because of these later.
void DeferredContacts::find()
{
	rewind();
	Unknown unknown;
	while (read_unknown(unknown)) {
		std::vector<std::int64_t> ids(unknown.emails.size());
		call([&] { creator_.finder().find(unknown.emails, ids); });
		for (std::size_t i = 0; i < ids.size(); i++)
			is_known_[unknown.places[i]] = ids[i] != 0;
	}
}

/// Creates all that are not known, or none: then says which transaction has to end first.
TransactionId DeferredContacts::try_to_create()
{
	call([this] {
		LockDatabaseObject(RelationRelationId, catalog_.contacts, kCreatingDeferred, ExclusiveLock);
		creator_.let_go();
	});
	TransactionId holder = InvalidTransactionId;
	Subtransaction subtransaction;
	try {
		holder = create_unknown();
		call([this] { creator_.let_go(); });
		if (TransactionIdIsValid(holder)) {
			subtransaction.roll_back();
		} else {
			subtransaction.release();
		}
	} catch (...) {
		subtransaction.roll_back();
		throw;
	}
	call([this] { UnlockDatabaseObject(RelationRelationId, catalog_.contacts, kCreatingDeferred, ExclusiveLock); });
	return holder;
}

TransactionId DeferredContacts::create_unknown()
{
	rewind();
	created_ = 0;
	Unknown unknown;
	while (read_unknown(unknown)) {
		TransactionId holder = create(unknown);
		if (TransactionIdIsValid(holder))
			return holder;
	}
	return InvalidTransactionId;
}

TransactionId DeferredContacts::create(Unknown &unknown)
{
	std::vector<std::int64_t> ids;
	TransactionId holder = may_repeat_ ? drop_present(unknown) : InvalidTransactionId;
	while (!TransactionIdIsValid(holder) && !unknown.emails.empty()) {
		ids.assign(unknown.emails.size(), 0);
		creator_.create(unknown.emails, ids);
		std::size_t left = 0;
		for (std::size_t i = 0; i < ids.size(); i++) {
			if (ids[i] == 0)
				unknown.emails[left++] = unknown.emails[i];
		}
		unknown.emails.resize(left);
		created_ += static_cast<std::int64_t>(ids.size() - left);
		holder = drop_present(unknown);
	}
	return holder;
}

/// Those that are there, the last batches' or by now another transaction's, are found when they are needed. What is left nobody has, perhaps
/// not any more. Gives the transaction that has to end before that is certain, if there is one.
TransactionId DeferredContacts::drop_present(Unknown &unknown)
{
	TransactionId holder = InvalidTransactionId;
	std::size_t left = 0;
	call([&] {
		for (std::size_t i = 0; i < unknown.emails.size() && !TransactionIdIsValid(holder); i++) {
			Presence presence = creator_.finder().look_up(unknown.emails[i]);
			holder = presence.holder;
			if (!presence.is_there)
				unknown.emails[left++] = unknown.emails[i];
		}
	});
	unknown.emails.resize(left);
	return holder;
}

} // namespace vero::pg
