// Records of people who were forgotten, which an import may be told to leave out.
#include "pg/import/suppressed_records.hpp"

#include "core/intake/late_reject.hpp"
#include "pg/base/boundary.hpp"
#include "pg/import/import_wait.hpp"
#include "pg/outbox/suppressions.hpp"

namespace vero::pg {

SuppressedRecords::SuppressedRecords(Catalog const &catalog) : catalog_(catalog)
{
	WaitReason const reason("addresses to be forgotten, which are");
	call([&] {
		keep_suppressions(catalog);
		memory_ = AllocSetContextCreate(CurrentMemoryContext, "vero_events suppressed records", ALLOCSET_DEFAULT_SIZES);
	});
}

void SuppressedRecords::reject(Batch &batch)
{
	find(batch);
	std::size_t left = 0, rejected_before = batch.rejects.size();
	for (std::size_t i = 0; i < batch.events.size(); i++) {
		EventOrigin const &origin = batch.origins[i];
		if (are_suppressed_[batch.events[i].contact]) {
			batch.rejects.push_back(make_late_reject(
				ErrorCode::suppressed, {origin.record_number, origin.line_number, origin.byte_offset, {}},
				"the address is one that was forgotten: the record is not kept", batch));
			continue;
		}
		batch.events[left] = batch.events[i];
		if (!batch.addresses.empty())
			batch.addresses[left] = batch.addresses[i];
		batch.origins[left++] = origin;
	}
	batch.events.resize(left);
	batch.origins.resize(left);
	batch.addresses.resize(std::min(left, batch.addresses.size()));
	std::inplace_merge(batch.rejects.begin(), batch.rejects.begin() + static_cast<std::ptrdiff_t>(rejected_before),
					   batch.rejects.end(),
					   [](Reject const &a, Reject const &b) { return a.record_number < b.record_number; });
}

void SuppressedRecords::find(Batch &batch)
{
	are_suppressed_.resize(batch.first_new_contact);
	are_suppressed_.resize(batch.first_new_contact + batch.new_contacts.size(), false);
	if (batch.new_contacts.empty())
		return;
	std::vector<std::string_view> emails;
	for (StoredBytes email : batch.new_contacts)
		emails.push_back(email.view());
	MemoryContext before = MemoryContextSwitchTo(memory_);
	std::vector<std::size_t> const places = find_suppressed(catalog_, emails);
	MemoryContextSwitchTo(before);
	MemoryContextReset(memory_);
	for (std::size_t place : places) {
		are_suppressed_[batch.first_new_contact + place] = true;
		batch.new_contacts[place].size = 0;
	}
	if (!places.empty())
		batch.order_contacts();
}

} // namespace vero::pg
