// Batches that wait in a temporary file.
#include "pg/contacts/batch_file.hpp"

#include "pg/base/boundary.hpp"

#include <cstring>

namespace vero::pg {
namespace {

// A batch is as large where its only record is: it is read in one piece.
constexpr std::uint64_t kLargest = 256 << 20;

/// Up to where the next length word can stand.
constexpr std::size_t padding(std::size_t size)
{
	return -size % kLengthWord;
}

// A value is its length and its bytes, an event these before its name and its properties.
struct EventHead {
	std::uint32_t contact;
	std::uint32_t time[2]; ///< in two parts, so that a value behind it needs no padding
};
static_assert(sizeof(EventHead) % kLengthWord == 0);

std::uint64_t size_of(StoredBytes value)
{
	return kLengthWord + value.size + padding(value.size);
}

std::uint64_t size_of(std::span<StoredBytes const> contacts, std::span<Event const> events)
{
	std::uint64_t size = 0;
	for (StoredBytes contact : contacts)
		size += size_of(contact);
	for (Event const &event : events)
		size += sizeof(EventHead) + size_of(event.name) + size_of(event.properties);
	return size;
}

/// Hands all of it to `put`, piece by piece. The room for its length word is before a value.
template <class Put> void put_value(Put const &put, StoredBytes value)
{
	constexpr char kZeros[kLengthWord] = {};
	std::memcpy(value.start - kLengthWord, &value.size, kLengthWord);
	put(value.start - kLengthWord, kLengthWord + value.size);
	put(kZeros, padding(value.size));
}

template <class Put> void put_all(Put const &put, std::span<StoredBytes const> contacts, std::span<Event const> events)
{
	for (StoredBytes contact : contacts)
		put_value(put, contact);
	for (Event const &event : events) {
		EventHead head;
		head.contact = event.contact;
		std::memcpy(head.time, &event.occurred_at_us, sizeof head.time);
		put(&head, sizeof head);
		put_value(put, event.name);
		put_value(put, event.properties);
	}
}

/// Where values are read, one after the other; they stay where they are.
struct Reader {
	char *at;

	StoredBytes value()
	{
		StoredBytes value{at + kLengthWord, 0};
		std::memcpy(&value.size, at, kLengthWord);
		at += size_of(value);
		return value;
	}
	Event event()
	{
		EventHead head;
		std::memcpy(&head, at, sizeof head);
		at += sizeof head;
		Event event{};
		event.contact = head.contact;
		std::memcpy(&event.occurred_at_us, head.time, sizeof head.time);
		event.name = value();
		event.properties = value();
		return event;
	}
};

} // namespace

bool BatchFile::has_room_for(std::span<StoredBytes const> contacts, std::span<Event const> events) const
{
	std::uint64_t size = sizeof(Head) + size_of(contacts, events);
	return size <= kLargest && bytes_.has_room_for(size);
}

void BatchFile::write(Batch const &batch, std::span<StoredBytes const> contacts, std::span<Event const> events)
{
	Head head{{batch.first_record, batch.records(), batch.last_line},
			  size_of(contacts, events),
			  batch.first_new_contact,
			  static_cast<std::uint32_t>(contacts.size()),
			  static_cast<std::uint32_t>(events.size())};
	bytes_.expect(sizeof head + head.size);
	call([&] {
		auto put = [this](void const *from, std::size_t size) { bytes_.put(from, size); };
		put(&head, sizeof head);
		put_all(put, contacts, events);
	});
}

bool BatchFile::read(Batch &batch)
{
	batch.clear();
	if (!bytes_.read(&head_, sizeof head_))
		return false;
	StoredBytes bytes = batch.allocate(head_.size);
	bytes_.read_on(bytes.start, bytes.size);
	batch.first_record = head_.place.first_record;
	batch.last_line = head_.place.last_line;
	batch.first_new_contact = head_.first_new_contact;
	Reader reader{bytes.start};
	for (std::uint32_t i = 0; i < head_.contacts; i++)
		batch.new_contacts.push_back(reader.value());
	for (std::uint32_t i = 0; i < head_.events; i++)
		batch.events.push_back(reader.event());
	return true;
}

} // namespace vero::pg
