// Finds and locks the contacts of an import, and creates the unknown ones.
#include "pg/contacts/contacts.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/compat.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/random.hpp"

extern "C" {
#include "access/xact.h"
#include "catalog/pg_class_d.h"
#include "catalog/pg_type_d.h"
#include "storage/lmgr.h"
#include "utils/array.h"
}

namespace vero::pg {
namespace {

// a contact that is deleted again and again by others while it is created
constexpr int kMaxRounds = 20;

constexpr std::size_t kCreatedAtOnce = 5'000; // contacts, of whose rows and entries about as much fits into a cache

// One look-up for each address, however large the table is and whatever is known of it: a join would read all of it where it looks
// small, batch after batch.
constexpr Statement kFind{
	R"(
	SELECT u.place, c.id
	FROM unnest($1, $2) AS u (place, email)
	CROSS JOIN LATERAL (SELECT k.id FROM vero.contacts AS k WHERE k.email = u.email FOR KEY SHARE) AS c)",
	{INT4ARRAYOID, TEXTARRAYOID},
	{{"place", INT4OID}, {"id", INT8OID}}};

constexpr Statement kCreate{
	R"(
	INSERT INTO vero.contacts (email, created_by_import)
	SELECT u.email, $2
	FROM unnest($1) AS u (email)
	ON CONFLICT (email) DO NOTHING
	RETURNING id, email)",
	{TEXTARRAYOID, INT8OID},
	{{"id", INT8OID}, {"email", TEXTOID}}};

template <class Fill> Datum make_array(std::size_t size, Oid type, int length, bool is_by_value, Fill &&fill)
{
	auto *elements = static_cast<Datum *>(palloc(sizeof(Datum) * size));
	for (std::size_t i = 0; i < size; i++)
		elements[i] = fill(i);
	return PointerGetDatum(construct_array(elements, static_cast<int>(size), type, length, is_by_value, TYPALIGN_INT));
}

} // namespace

Contacts::Contacts(Catalog const &catalog, std::int64_t import_id)
	: catalog_(catalog), import_id_(import_id), creator_(catalog, import_id), inserter_(catalog)
{
	ids_.reserve(BatchLimits().contact_slots()); // what is not used takes no memory, growing would
	call([this] {
		memory_ = AllocSetContextCreate(CurrentMemoryContext, "vero_events contacts", ALLOCSET_DEFAULT_SIZES);
	});
}

void Contacts::list_missing(std::span<Batch const *const> batches)
{
	missing_.clear();
	for (Batch const *batch : batches)
		add_missing(*batch);
}

/// In the index's order, so that it grows in order.
void Contacts::add_missing(Batch const &batch)
{
	std::size_t count = batch.new_contacts.size();
	ids_.resize(batch.first_new_contact);
	ids_.resize(batch.first_new_contact + count, 0);
	are_new_.resize(batch.first_new_contact);
	are_new_.resize(ids_.size(), false);
	most_slots_ = std::max(most_slots_, ids_.size());
	auto const before = static_cast<std::ptrdiff_t>(missing_.size());
	for (std::uint32_t place : batch.contacts_in_order)
		missing_.push_back({batch.first_new_contact + place, batch.new_contacts[place]});
	std::inplace_merge(missing_.begin(), missing_.begin() + before, missing_.end(),
					   [](Missing const &a, Missing const &b) { return a.email.view() < b.email.view(); });
}

bool Contacts::resolve(std::span<Batch const *const> batches)
{
	list_missing(batches);
	std::size_t count = missing_.size();
	std::int64_t created_before = created_;
	// where nearly all of the last ones were new there is little use in looking for these first; but for Citus they are created without those that are there, whom SPI would miss among the rows that come back
	if (nearly_all_are_new_ && !missing_.empty() && !catalog_.is_distributed)
		create();
	for (int round = 0; !missing_.empty(); round++) {
		if (round == kMaxRounds) {
			throw Report{ERRCODE_T_R_SERIALIZATION_FAILURE, "could not create contacts that others keep deleting", "",
						 ""};
		}
		// one that somebody else created or deleted in the meantime is found or missed again in the next round
		find();
		if (missing_.empty())
			break;
		if (!may_create())
			return false;
		create();
	}
	if (count > 0)
		nearly_all_are_new_ = static_cast<std::size_t>(created_ - created_before) * 20 > count * 19;
	return true;
}

void Contacts::look_up(Batch const &batch)
{
	Batch const *const only = &batch;
	list_missing({&only, 1});
	find();
	if (!key_)
		key_ = random_hash_key();
	for (Missing const &contact : missing_)
		ids_[contact.slot] = -1 - static_cast<std::int64_t>(siphash(*key_, contact.email.view()).first >> 1);
}

// On an object that nothing else locks: what it stands for is "creating contacts as they come".

bool Contacts::may_create()
{
	if (!may_create_ && !creator_.can_serve())
		wait_for_turn();
	if (!may_create_) {
		may_create_ = call(
			[this] { return compat::lock_object_if_free(RelationRelationId, catalog_.contacts, 0, ExclusiveLock); });
	}
	return may_create_;
}

void Contacts::wait_for_turn()
{
	if (!may_create_)
		call([this] { LockDatabaseObject(RelationRelationId, catalog_.contacts, 0, ExclusiveLock); });
	may_create_ = true;
}

void Contacts::defer(Batch const &batch)
{
	if (!deferred_)
		deferred_.emplace(catalog_, creator_);
	deferred_->add(batch);
}

void Contacts::create_deferred()
{
	if (deferred_)
		created_ += deferred_->create();
	deferred_.reset();
}

void Contacts::drop_known()
{
	std::erase_if(missing_, [this](Missing const &contact) { return ids_[contact.slot] != 0; });
}

void Contacts::find()
{
	if (creator_.can_serve()) {
		find_by_index();
	} else {
		find_by_select();
	}
	drop_known();
}

void Contacts::find_by_index()
{
	std::vector<StoredBytes> emails = missing_emails();
	std::vector<std::int64_t> ids(emails.size());
	call([&] { creator_.finder().find(emails, ids); });
	for (std::size_t i = 0; i < ids.size(); i++)
		ids_[missing_[i].slot] = ids[i];
}

void Contacts::find_by_select()
{
	call([this] {
		MemoryContext before = MemoryContextSwitchTo(memory_);
		as_owner(catalog_, [this] {
			auto rows = run<kFind>(find_, {places_array(), emails_array()});
			for (std::size_t i = 0; i < rows.count(); i++)
				ids_[missing_[rows[i].int4("place")].slot] = rows[i].int8("id");
			rows.free();
		});
		MemoryContextSwitchTo(before);
		MemoryContextReset(memory_);
	});
}

std::vector<StoredBytes> Contacts::missing_emails() const
{
	std::vector<StoredBytes> emails;
	for (Missing const &contact : missing_)
		emails.push_back(contact.email);
	return emails;
}

void Contacts::create()
{
	if (creator_.can_serve()) {
		create_in_bulk();
		wait_for_others();
	} else if (inserter_.can_serve()) {
		create_on_nodes();
	} else {
		create_by_insert();
	}
}

/// Of contacts that were looked for: all of them, or none where somebody else has created one meanwhile, who is found then.
void Contacts::create_on_nodes()
{
	std::vector<StoredBytes> emails = missing_emails();
	std::vector<std::int64_t> ids(emails.size());
	if (!inserter_.create(emails, import_id_, ids)) {
		if (IsolationUsesXactSnapshot()) { // who is there is seen by no statement of this transaction
			throw Report{ERRCODE_T_R_SERIALIZATION_FAILURE, "could not serialize access due to concurrent update", "",
						 ""};
		}
		return;
	}
	for (std::size_t i = 0; i < ids.size(); i++)
		ids_[missing_[i].slot] = ids[i];
	created_ += static_cast<std::int64_t>(ids.size());
	drop_known();
}

/// Those that somebody else is creating just now are looked for again when he has ended.
void Contacts::wait_for_others()
{
	std::span<Missing const> missing = missing_;
	call([&] {
		for (Missing const &contact : missing) {
			CHECK_FOR_INTERRUPTS();
			ContactFinder::wait_for(creator_.finder().look_up(contact.email).holder);
		}
	});
}

void Contacts::create_in_bulk()
{
	std::vector<StoredBytes> emails = missing_emails();
	std::vector<std::int64_t> ids(emails.size());
	for (std::size_t from = 0; from < ids.size(); from += kCreatedAtOnce) {
		std::size_t const count = std::min(kCreatedAtOnce, ids.size() - from);
		creator_.create(std::span(emails).subspan(from, count), std::span(ids).subspan(from, count));
	}
	for (std::size_t i = 0; i < ids.size(); i++) {
		ids_[missing_[i].slot] = ids[i];
		are_new_[missing_[i].slot] = ids[i] != 0;
		created_ += ids[i] != 0;
	}
	drop_known();
}

void Contacts::create_by_insert()
{
	call([this] {
		MemoryContext before = MemoryContextSwitchTo(memory_);
		as_owner(catalog_, [this] {
			auto rows = run<kCreate>(create_, {emails_array(), import_id_});
			created_ += static_cast<std::int64_t>(rows.count());
			// they come back in the order in which they went in, without those that were there already
			std::size_t place = 0;
			for (std::size_t i = 0; i < rows.count(); i++) {
				place = place_of(rows[i].text("email").value_or(""), place);
				ids_[missing_[place].slot] = rows[i].int8("id");
			}
			rows.free();
		});
		MemoryContextSwitchTo(before);
		MemoryContextReset(memory_);
	});
	drop_known();
}

void Contacts::finish()
{
	if (creator_.can_serve())
		creator_.finish();
}

std::size_t Contacts::place_of(std::string_view email, std::size_t from) const
{
	while (from < missing_.size() && missing_[from].email.view() != email)
		from++;
	if (from == missing_.size())
		elog(ERROR, "contacts were not created in the order of their addresses");
	return from;
}

Datum Contacts::places_array() const
{
	return make_array(missing_.size(), INT4OID, sizeof(int32), true,
					  [](std::size_t i) { return Int32GetDatum(static_cast<int>(i)); });
}

Datum Contacts::emails_array() const
{
	return make_array(missing_.size(), TEXTOID, -1, false,
					  [this](std::size_t i) { return as_varlena(missing_[i].email); });
}

} // namespace vero::pg
