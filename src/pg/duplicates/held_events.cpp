// Events that wait until it is known which of them are duplicates.
#include "pg/duplicates/held_events.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/timestamp.hpp"

extern "C" {
#include "catalog/pg_class_d.h"
#include "storage/lmgr.h"
}

namespace vero::pg {
namespace {

constexpr std::size_t kAtOnce = 16 << 10; // keys that are looked for
constexpr std::size_t kAhead = 64;		  // events: what is asked for so early is there when it is needed
constexpr std::uint64_t kNone = 0;		  ///< as a number: the event waits

std::uint64_t mix(std::uint64_t bits)
{
	bits = (bits ^ (bits >> 32)) * 0x9E3779B97F4A7C15;
	bits = (bits ^ (bits >> 29)) * 0xBF58476D1CE4E5B9;
	return bits ^ (bits >> 32);
}

} // namespace

KeptOrigins HeldEvents::kept_origins(OnDuplicate on_duplicate)
{
	switch (on_duplicate) {
	case OnDuplicate::insert:
		break;
	case OnDuplicate::skip:
		return KeptOrigins::places;
	case OnDuplicate::reject:
		return KeptOrigins::records;
	}
	return KeptOrigins::none;
}

HeldEvents::HeldEvents(Catalog const &catalog, OnDuplicate on_duplicate, Certain certain)
	: catalog_(catalog), on_duplicate_(on_duplicate), certain_(certain), memory_(call([] {
		  return AllocSetContextCreate(CurrentMemoryContext, "vero_events held events", ALLOCSET_DEFAULT_SIZES);
	  }))
{
}

/// To be called in call(), in memory_.
std::uint64_t HeldEvents::hash_of(Event const &event) const
{
	return hash_.of(event.name.view(), reinterpret_cast<Jsonb *>(DatumGetPointer(as_varlena(event.properties))));
}

/// Numbers that are the same for equal events, of those whose contacts are new; kNone of the others. Other events may have the same: then they wait.
void HeldEvents::make_numbers(Batch const &batch, Contacts const &contacts)
{
	numbers_.resize(batch.events.size());
	std::span<std::int64_t const> ids = contacts.ids();
	call([&] {
		MemoryContext before = MemoryContextSwitchTo(memory_);
		for (std::size_t i = 0; i < numbers_.size(); i++) {
			if (i + kAhead < numbers_.size())
				__builtin_prefetch(&ids[batch.events[i + kAhead].contact]);
			Event const &event = batch.events[i];
			numbers_[i] = kNone;
			if (!contacts.is_new(event.contact))
				continue;
			auto const contact = static_cast<std::uint64_t>(ids[event.contact]);
			auto const time = static_cast<std::uint64_t>(event.occurred_at_us);
			std::uint64_t number = batch.origins[i].number;
			if (number == 0)
				number = hash_of(event);
			numbers_[i] = mix(contact ^ mix(time)) ^ number;
		}
		MemoryContextSwitchTo(before);
		MemoryContextReset(memory_);
	});
}

void HeldEvents::hold(Batch &batch, Contacts const &contacts)
{
	events_.clear();
	origins_.clear();
	std::size_t left = 0;
	if (certain_ == Certain::written_at_once) {
		make_numbers(batch, contacts);
	} else {
		numbers_.assign(batch.events.size(), kNone);
	}
	for (std::size_t i = 0; i < batch.events.size(); i++) {
		Event const &event = batch.events[i];
		if (numbers_[i] != kNone) {
			if (i + kAhead < numbers_.size())
				seen_.prefetch(numbers_[i + kAhead]);
			if (!seen_.add(numbers_[i])) { // the first one of its kind, and nobody else knows the contact yet
				if (left != i)
					batch.events[left] = event;
				left++;
				continue;
			}
		}
		events_.push_back(event);
		origins_.push_back(batch.origins[i]);
	}
	if (!events_.empty())
		keep(batch, contacts.ids());
	batch.events.resize(left);
	batch.origins.clear();
}

void HeldEvents::keep(Batch const &batch, std::span<std::int64_t const> ids)
{
	keys_.resize(events_.size());
	contact_ids_.resize(events_.size());
	call([&] {
		MemoryContext before = MemoryContextSwitchTo(memory_);
		for (std::size_t i = 0; i < keys_.size(); i++) {
			Event const &event = events_[i];
			contact_ids_[i] = ids[event.contact];
			auto hash = static_cast<std::int64_t>(hash_of(event));
			keys_[i] = {{contact_ids_[i], to_timestamptz(event.occurred_at_us), hash},
						place_of_line(origins_[i].line_number),
						0};
		}
		MemoryContextSwitchTo(before);
		MemoryContextReset(memory_);
	});
	for (EventKey const &key : keys_) {
		locks_.set(mix(static_cast<std::uint64_t>(key.key[0])) % locks_.size());
		add_or_fail(held_, key);
	}
	KeptBatch const kept{{}, events_, origins_, contact_ids_};
	if (!file_.has_room_for(kept)) {
		throw Report{ERRCODE_CONFIGURATION_LIMIT_EXCEEDED,
					 "the events of the import take more than a quarter of temp_file_limit", "",
					 "With on_duplicate they wait in temporary files until the file has ended. Raise temp_file_limit, "
					 "or leave on_duplicate out."};
	}
	file_.write(batch, kept);
}

void HeldEvents::lock_contacts() const
{
	for (std::size_t i = 0; i < locks_.size(); i++) {
		if (!locks_[i])
			continue;
		// parts of an object of which nothing else locks parts
		auto const part = static_cast<uint16>(i + 1);
		call([&] { LockDatabaseObject(RelationRelationId, catalog_.events, part, ExclusiveLock); });
	}
}

void HeldEvents::compare()
{
	stored_.emplace(catalog_, hash_);
	std::vector<EventKey> some;
	std::optional<EventKey> first; // of those that are equal
	held_.sort();
	do {
		check_for_interrupts();
		some.clear();
		for (EventKey const *key = held_.peek(); key != nullptr && some.size() < kAtOnce; key = held_.peek()) {
			some.push_back(*key);
			held_.next();
		}
		stored_->find(some, twins_);
		for (EventKey const &key : some) {
			if (first && first->key == key.key) {
				add_or_fail(twins_,
							make_twin(line_of(key), TwinKind::line, static_cast<std::int64_t>(line_of(*first))));
			} else {
				first = key;
			}
		}
	} while (!some.empty());
	stored_->end_search();
	seen_ = {};
	twins_.sort();
	file_.rewind();
}

/// What the event that is read is a duplicate of, a stored event rather than a line; nothing where it is none. To be asked for each event, in order.
std::optional<Twin> HeldEvents::find_twin(std::uint64_t line, std::int64_t contact_id, Event &event)
{
	std::optional<Twin> found;
	for (Twin const *twin = twins_.peek(); twin != nullptr && static_cast<std::uint64_t>(twin->key[0]) == line;
		 twin = twins_.peek()) {
		auto const kind = static_cast<TwinKind>(twin->nulls);
		bool is_better = !found || static_cast<TwinKind>(found->nulls) == TwinKind::line;
		if (is_better && kind == TwinKind::row) {
			if (std::optional<Twin> equal = stored_->compare(*twin, contact_id, event))
				found = equal;
		} else if (is_better) {
			found = *twin;
		}
		twins_.next();
	}
	return found;
}

std::string HeldEvents::describe(Twin const &twin)
{
	std::string const number = std::to_string(twin.key[1]);
	switch (static_cast<TwinKind>(twin.nulls)) {
	case TwinKind::line:
		return "the same event stands in line " + number;
	case TwinKind::event:
		return "the same event is stored already: event " + number;
	default:
		return "the same event was imported before: event " + number + " of import " + std::to_string(twin.key[2]);
	}
}

bool HeldEvents::read(Batch &batch)
{
	duplicates_ = 0;
	if (!file_.read(batch))
		return false;
	std::size_t left = 0;
	for (std::size_t i = 0; i < batch.events.size(); i++) {
		EventOrigin const &origin = batch.origins[i];
		batch.events[i].contact = static_cast<std::uint32_t>(i);
		std::optional<Twin> const twin = find_twin(origin.line_number, file_.contact_ids()[i], batch.events[i]);
		if (!twin) {
			batch.events[left++] = batch.events[i];
			continue;
		}
		duplicates_++;
		if (on_duplicate_ == OnDuplicate::reject)
			batch.rejects.push_back(make_late_reject(ErrorCode::duplicate_event, origin, describe(*twin), batch));
	}
	batch.events.resize(left);
	return true;
}

void HeldEvents::close()
{
	twins_.clear();
	stored_->close();
	file_.close();
	call([this] { MemoryContextDelete(memory_); });
}

} // namespace vero::pg
