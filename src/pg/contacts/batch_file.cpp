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

// An origin is its numbers and its raw record.
constexpr std::size_t kOriginNumbers = 4;
constexpr std::size_t kOriginSize = kOriginNumbers * sizeof(std::uint64_t);

std::uint64_t size_of(StoredBytes value)
{
	return kLengthWord + value.size + padding(value.size);
}

std::uint64_t size_of(KeptBatch const &kept)
{
	std::uint64_t size = kept.contact_ids.size_bytes();
	for (StoredBytes contact : kept.contacts)
		size += size_of(contact);
	for (Event const &event : kept.events)
		size += sizeof(EventHead) + size_of(event.name) + size_of(event.properties);
	for (EventOrigin const &origin : kept.origins)
		size += kOriginSize + size_of(origin.raw);
	return size;
}

/// Hands all of it to `put`, piece by piece. The room for its length word is before a value.
template <class Put> void put_value(Put const &put, StoredBytes value)
{
	constexpr char kZeros[kLengthWord] = {};
	if (value.start == nullptr) {
		put(kZeros, kLengthWord);
		return;
	}
	std::memcpy(value.start - kLengthWord, &value.size, kLengthWord);
	put(value.start - kLengthWord, kLengthWord + value.size);
	put(kZeros, padding(value.size));
}

template <class Put> void put_all(Put const &put, KeptBatch const &kept)
{
	put(kept.contact_ids.data(), kept.contact_ids.size_bytes());
	for (StoredBytes contact : kept.contacts)
		put_value(put, contact);
	for (Event const &event : kept.events) {
		EventHead head;
		head.contact = event.contact;
		std::memcpy(head.time, &event.occurred_at_us, sizeof head.time);
		put(&head, sizeof head);
		put_value(put, event.name);
		put_value(put, event.properties);
	}
	for (EventOrigin const &origin : kept.origins) {
		std::array<std::uint64_t, kOriginNumbers> numbers{origin.record_number, origin.line_number, origin.byte_offset,
														  origin.number};
		put(numbers.data(), sizeof numbers);
		put_value(put, origin.raw);
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
	EventOrigin origin()
	{
		std::array<std::uint64_t, kOriginNumbers> numbers;
		std::memcpy(numbers.data(), at, sizeof numbers);
		at += sizeof numbers;
		return {numbers[0], numbers[1], numbers[2], value(), numbers[3]};
	}
	void numbers(std::span<std::int64_t> into)
	{
		std::memcpy(into.data(), at, into.size_bytes());
		at += into.size_bytes();
	}
};

} // namespace

bool BatchFile::has_room_for(KeptBatch const &kept) const
{
	std::uint64_t size = sizeof(Head) + size_of(kept);
	return size <= kLargest && bytes_.has_room_for(size);
}

void BatchFile::write(Batch const &batch, KeptBatch const &kept)
{
	Head head{{batch.first_record, batch.records(), batch.last_line},
			  size_of(kept),
			  batch.first_new_contact,
			  static_cast<std::uint32_t>(kept.contacts.size()),
			  static_cast<std::uint32_t>(kept.events.size()),
			  static_cast<std::uint32_t>(kept.origins.size()),
			  static_cast<std::uint32_t>(kept.contact_ids.size()),
			  0};
	bytes_.expect(sizeof head + head.size);
	call([&] {
		auto put = [this](void const *from, std::size_t size) { bytes_.put(from, size); };
		put(&head, sizeof head);
		put_all(put, kept);
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
	contact_ids_.resize(head_.contact_ids);
	reader.numbers(contact_ids_);
	for (std::uint32_t i = 0; i < head_.contacts; i++)
		batch.new_contacts.push_back(reader.value());
	for (std::uint32_t i = 0; i < head_.events; i++)
		batch.events.push_back(reader.event());
	for (std::uint32_t i = 0; i < head_.origins; i++)
		batch.origins.push_back(reader.origin());
	return true;
}

} // namespace vero::pg
