// Batches that wait in a temporary file.
#include "pg/contacts/batch_file.hpp"

#include "pg/base/boundary.hpp"

#include <cstring>
#include <limits>

extern "C" {
#include "utils/guc.h"
}

namespace vero::pg {
namespace {

// A batch is as large where its only record is: it is read in one piece.
constexpr std::uint64_t kLargest = 256 << 20;
// A small import makes no file.
constexpr std::uint64_t kMostInMemory = 64 << 10;

/// Whether one file may hold so many bytes. `limit_kb` is temp_file_limit, of the whole session: an import has two of them, and index
/// entries may take half. -1: there is none.
constexpr bool may_hold(std::uint64_t bytes, int limit_kb)
{
	return limit_kb < 0 || bytes <= static_cast<std::uint64_t>(limit_kb) * 1024 / 4;
}

static_assert(may_hold(0, 0) && !may_hold(1, 0) && may_hold(256, 1) && !may_hold(257, 1));
static_assert(may_hold(std::numeric_limits<std::uint64_t>::max(), -1));

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

void demand(bool is_read)
{
	if (is_read)
		return;
	call([] {
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not read from temporary file of deferred events")));
	});
}

} // namespace

bool BatchFile::has_room_for(std::span<StoredBytes const> contacts, std::span<Event const> events) const
{
	std::uint64_t size = sizeof(Head) + size_of(contacts, events);
	return size <= kLargest && may_hold(size_ + size, temp_file_limit);
}

void BatchFile::move_to_file()
{
	call([this] {
		MemoryContext before = MemoryContextSwitchTo(memory_);
		file_ = BufFileCreateTemp(false);
		MemoryContextSwitchTo(before);
		BufFileWrite(file_, bytes_.data(), bytes_.size());
	});
	std::vector<char>().swap(bytes_);
}

void BatchFile::write(Batch const &batch, std::span<StoredBytes const> contacts, std::span<Event const> events)
{
	Head head{{batch.first_record, batch.records(), batch.last_line},
			  size_of(contacts, events),
			  batch.first_new_contact,
			  static_cast<std::uint32_t>(contacts.size()),
			  static_cast<std::uint32_t>(events.size())};
	size_ += sizeof head + head.size;
	if (file_ == nullptr && size_ > kMostInMemory)
		move_to_file();
	if (file_ == nullptr) {
		auto put = [this](void const *from, std::size_t size) {
			auto const *bytes = static_cast<char const *>(from);
			bytes_.insert(bytes_.end(), bytes, bytes + size);
		};
		put(&head, sizeof head);
		put_all(put, contacts, events);
		return;
	}
	call([&] {
		auto put = [this](void const *from, std::size_t size) { BufFileWrite(file_, const_cast<void *>(from), size); };
		put(&head, sizeof head);
		put_all(put, contacts, events);
	});
}

void BatchFile::rewind()
{
	next_ = 0;
	call([this] {
		if (file_ != nullptr && BufFileSeek(file_, 0, 0, SEEK_SET) != 0)
			ereport(ERROR, (errcode_for_file_access(), errmsg("could not rewind temporary file of deferred events")));
	});
}

/// Less than `size` at the end.
std::size_t BatchFile::read_some(void *into, std::size_t size)
{
	if (file_ != nullptr)
		return call([&] { return BufFileRead(file_, into, size); });
	std::size_t count = std::min(size, bytes_.size() - next_);
	std::copy_n(bytes_.data() + next_, count, static_cast<char *>(into));
	next_ += count;
	return count;
}

bool BatchFile::read(Batch &batch)
{
	batch.clear();
	std::size_t size = read_some(&head_, sizeof head_);
	if (size == 0)
		return false;
	demand(size == sizeof head_);
	StoredBytes bytes = batch.allocate(head_.size);
	demand(read_some(bytes.start, bytes.size) == bytes.size);
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

void BatchFile::close()
{
	if (file_ != nullptr)
		call([this] { BufFileClose(file_); });
	file_ = nullptr;
}

} // namespace vero::pg
