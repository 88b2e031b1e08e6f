// Events that wait until it is known which of them are duplicates.
#pragma once

#include "core/intake/key_filter.hpp"
#include "core/intake/late_reject.hpp"
#include "core/intake/validator.hpp"
#include "pg/contacts/batch_file.hpp"
#include "pg/contacts/contacts.hpp"
#include "pg/duplicates/stored_events.hpp"

#include <bitset>

namespace vero::pg {

/// Keeps events in a temporary file, and their keys beside them, until all of the file is read. Then it is known, key by key in the order of the index, what
/// is stored already and what the file has twice, and the events are read again, without their duplicates. Memory does not grow with the file.
///
/// Two imports that hold events of the same contacts do so one after the other: each locks these contacts, in one order, from the comparison to the end of its
/// transaction. Neither holds a lock of this kind while it waits for anything else.
class HeldEvents {
public:
	/// When an event that cannot be a duplicate is written. At once is only for what nothing happens to on its way into the table.
	enum class Certain : unsigned char { written_at_once, held };

	/// What batches have to have of their events.
	static KeptOrigins kept_origins(OnDuplicate on_duplicate);

	/// Throws Error, Report.
	HeldEvents(Catalog const &catalog, OnDuplicate on_duplicate, Certain certain);

	/// Takes those of the batch's events that may be duplicates, and leaves the others, which are to be written. All contacts are resolved. Throws Error, Report
	/// (53400) where temp_file_limit has no room for them.
	void hold(Batch &batch, Contacts const &contacts);
	/// Keeps other imports that do so from comparing events of the same contacts, until the transaction ends. Waits for them. Throws Error.
	void lock_contacts() const;
	/// Finds out which of the events are duplicates. What was left to be written is in the table's indexes. Throws Error.
	void compare();
	/// Replaces what `batch` has by the next events, whose contacts' ids contact_ids() has by slot, and by the rejects that duplicates become; false behind the last ones.
	/// Throws Error.
	bool read(Batch &batch);
	std::span<std::int64_t const> contact_ids() const { return file_.contact_ids(); }
	/// Of what was read last.
	BatchFile::Place const &place() const { return file_.place(); }
	/// How many duplicates there were among what was read last.
	std::size_t duplicates() const { return duplicates_; }
	/// To be called once, last. Throws Error.
	void close();

	/// Memory that it takes while events are written, in bytes.
	std::size_t bytes() const { return seen_.bytes(); }

private:
	static constexpr std::size_t kInMemory = 128 << 10; ///< entries: 4 MB

	std::uint64_t hash_of(Event const &event) const;
	void make_numbers(Batch const &batch, Contacts const &contacts);
	void keep(Batch const &batch, std::span<std::int64_t const> ids);
	std::optional<Twin> find_twin(std::uint64_t line, std::int64_t contact_id, Event &event);
	static std::string describe(Twin const &twin);

	Catalog catalog_;
	OnDuplicate on_duplicate_;
	Certain certain_;
	EventHash hash_;
	GrowingKeyFilter seen_; ///< keys of events that were left to be written
	BatchFile file_{"events that may be duplicates"};
	std::vector<std::uint64_t> numbers_; ///< of the batch's events, for seen_
	std::vector<EventKey> keys_;		 ///< of those that are held
	std::vector<Event> events_;			 ///< those of its events that are held
	std::vector<EventOrigin> origins_;
	std::vector<std::int64_t> contact_ids_;
	SortedEntries held_{kInMemory}; ///< keys of all that is held
	std::bitset<256> locks_;		///< of the contacts of what is held
	std::optional<StoredEvents> stored_;
	SortedEntries twins_{kInMemory};
	std::size_t duplicates_ = 0;
	MemoryContext memory_; ///< emptied for each batch
};

} // namespace vero::pg
