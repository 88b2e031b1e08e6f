// Writes objects and arrays in the form in which PostgreSQL stores jsonb.
#include "core/property/jsonb.hpp"

#include "core/property/limit_exceeded.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace vero {
namespace {

using namespace jsonb_form;

/// What an element begins with, so that it stands in an aligned place, as convertJsonbValue has it.
std::size_t padding_behind(std::size_t data_size)
{
	return -data_size & 3;
}

bool is_aligned(JsonbType type)
{
	return type == JsonbType::number || type == JsonbType::container;
}

/// How much further a value reaches than the data before it.
std::size_t size_behind(std::size_t data_size, Member const &member)
{
	return member.value.size() + (is_aligned(member.type) ? padding_behind(data_size) : 0);
}

/// A container: entries, and the data that they are about, in the order in which they are stored.
class Writer {
public:
	Writer(char *out, std::size_t entries, std::uint32_t header)
		: entry_(out), data_(out + sizeof(std::uint32_t) * (1 + entries))
	{
		put(header);
	}

	void add(std::string_view data, JsonbType type = JsonbType::string)
	{
		std::size_t padding = is_aligned(type) ? padding_behind(end_) : 0;
		char *room = make_room(padding + data.size(), type);
		std::fill_n(room, padding, '\0');
		data.copy(room + padding, data.size()); // not memcpy: an empty view may point nowhere
	}

	/// Makes room for an element whose data takes `size` bytes, and says where it goes.
	char *make_room(std::size_t size, JsonbType type)
	{
		auto length = static_cast<std::uint32_t>(size);
		end_ += length;
		put(static_cast<std::uint32_t>(type) | (index_++ % kOffsetStride == 0 ? end_ | kHasOffset : length));
		return std::exchange(data_, data_ + length);
	}

private:
	void put(std::uint32_t word)
	{
		std::memcpy(entry_, &word, sizeof word);
		entry_ += sizeof word;
	}

	char *entry_;
	char *data_;
	std::uint32_t index_ = 0;
	std::uint32_t end_ = 0; ///< of the last data, from the first
};

/// Throws LimitExceeded, in the words that PostgreSQL has for it.
void require_storable(std::size_t size, std::string_view what)
{
	if (size > kMaxSize) {
		throw LimitExceeded("total size of jsonb " + std::string(what) + " exceeds the maximum of " +
							std::to_string(kMaxSize) + " bytes");
	}
}

} // namespace

bool is_jsonb_key_less(std::string_view a, std::string_view b)
{
	return a.size() != b.size() ? a.size() < b.size() : a < b;
}

std::size_t jsonb_object_size(std::span<Member const> members)
{
	std::size_t size = 0;
	for (Member const &member : members)
		size += member.key.size();
	for (Member const &member : members)
		size += size_behind(size, member);
	require_storable(size, "object elements");
	return sizeof(std::uint32_t) * (1 + 2 * members.size()) + size;
}

void write_jsonb_object(std::span<Member const> members, char *out)
{
	Writer writer(out, 2 * members.size(), static_cast<std::uint32_t>(members.size()) | kObjectFlag);
	for (Member const &member : members)
		writer.add(member.key);
	for (Member const &member : members)
		writer.add(member.value, member.type);
}

std::size_t jsonb_list_size(std::span<Member const> elements)
{
	std::size_t size = 0;
	for (Member const &element : elements)
		size += size_behind(size, element);
	require_storable(size, "array elements");
	return sizeof(std::uint32_t) * (1 + elements.size()) + size;
}

void write_jsonb_list(std::span<Member const> elements, char *out)
{
	Writer writer(out, elements.size(), static_cast<std::uint32_t>(elements.size()) | kArrayFlag);
	for (Member const &element : elements)
		writer.add(element.value, element.type);
}

std::size_t jsonb_array_size(std::span<Member const> members, std::size_t members_each)
{
	std::size_t count = members.size() / members_each, size = 0;
	for (std::size_t i = 0; i < count; i++)
		size += padding_behind(size) + jsonb_object_size(members.subspan(i * members_each, members_each));
	require_storable(size, "array elements");
	return sizeof(std::uint32_t) * (1 + count) + size;
}

void write_jsonb_array(std::span<Member const> members, std::size_t members_each, char *out)
{
	std::size_t count = members.size() / members_each, size = 0;
	Writer writer(out, count, static_cast<std::uint32_t>(count) | kArrayFlag);
	for (std::size_t i = 0; i < count; i++) {
		std::span<Member const> object = members.subspan(i * members_each, members_each);
		std::size_t padding = padding_behind(size), object_size = jsonb_object_size(object);
		char *room = writer.make_room(padding + object_size, JsonbType::container);
		std::fill_n(room, padding, '\0');
		write_jsonb_object(object, room + padding);
		size += padding + object_size;
	}
}

} // namespace vero
