// Writes objects of strings in the form in which PostgreSQL stores jsonb.
#include "core/jsonb.hpp"

#include <cstdint>
#include <cstring>
#include <vector>

namespace vero {
namespace {

constexpr std::uint32_t kObjectFlag = 0x20000000; // JB_FOBJECT
constexpr std::uint32_t kHasOffset = 0x80000000;  // JENTRY_HAS_OFF: the entry holds its end, not its length
constexpr std::uint32_t kArrayFlag = 0x40000000;  // JB_FARRAY
constexpr std::uint32_t kNull = 0x40000000;		  // JENTRY_ISNULL
constexpr std::uint32_t kContainer = 0x50000000;  // JENTRY_ISCONTAINER
constexpr std::uint32_t kOffsetStride = 32;		  // JB_OFFSET_STRIDE; the type of a string is 0

/// A container: entries, and the data that they are about, in the order in which they are stored.
class Writer {
public:
	Writer(char *out, std::size_t entries, std::uint32_t header)
		: entry_(out), data_(out + sizeof(std::uint32_t) * (1 + entries))
	{
		put(header);
	}

	void add(std::string_view data, std::uint32_t type = 0)
	{
		auto length = static_cast<std::uint32_t>(data.size());
		end_ += length;
		put(type | (index_++ % kOffsetStride == 0 ? end_ | kHasOffset : length));
		data.copy(data_, length); // not memcpy: an empty view may point nowhere
		data_ += length;
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

} // namespace

bool is_jsonb_key_less(std::string_view a, std::string_view b)
{
	return a.size() != b.size() ? a.size() < b.size() : a < b;
}

std::size_t jsonb_object_size(std::span<Member const> members)
{
	std::size_t size = sizeof(std::uint32_t) * (1 + 2 * members.size());
	for (Member const &member : members)
		size += member.key.size() + member.value.size();
	return size;
}

void write_jsonb_object(std::span<Member const> members, char *out)
{
	Writer writer(out, 2 * members.size(), static_cast<std::uint32_t>(members.size()) | kObjectFlag);
	for (Member const &member : members)
		writer.add(member.key);
	for (Member const &member : members)
		writer.add(member.value, member.is_null ? kNull : 0);
}

std::string make_jsonb_array(std::span<Member const> members, std::size_t members_each)
{
	std::size_t count = members.size() / members_each;
	std::vector<std::string> elements(count);
	std::size_t data_size = 0;
	for (std::size_t i = 0; i < count; i++) {
		std::span<Member const> object = members.subspan(i * members_each, members_each);
		// an element begins with what pads it to an aligned place, as convertJsonbValue has it
		std::size_t padding = -data_size & 3;
		elements[i].resize(padding + jsonb_object_size(object));
		write_jsonb_object(object, elements[i].data() + padding);
		data_size += elements[i].size();
	}
	std::size_t size = sizeof(std::uint32_t) * (1 + count) + data_size;
	std::string array(size, '\0');
	Writer writer(array.data(), count, static_cast<std::uint32_t>(count) | kArrayFlag);
	for (std::string const &element : elements)
		writer.add(element, kContainer);
	return array;
}

} // namespace vero
