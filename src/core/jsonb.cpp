// Writes an object of strings in the form in which PostgreSQL stores jsonb.
#include "core/jsonb.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace vero {
namespace {

constexpr std::uint32_t kObjectFlag = 0x20000000; // JB_FOBJECT
constexpr std::uint32_t kHasOffset = 0x80000000;  // JENTRY_HAS_OFF: the entry holds its end, not its length
constexpr std::uint32_t kOffsetStride = 32;		  // JB_OFFSET_STRIDE; the type of a string is 0

/// Entries and texts of the object, in the order in which they are stored: all keys, then all values.
class Writer {
public:
	Writer(char *out, std::size_t members) : entry_(out), text_(out + sizeof(std::uint32_t) * (1 + 2 * members))
	{
		put(static_cast<std::uint32_t>(members) | kObjectFlag);
	}

	void add(std::string_view text)
	{
		auto length = static_cast<std::uint32_t>(text.size());
		end_ += length;
		put(index_++ % kOffsetStride == 0 ? end_ | kHasOffset : length);
		text.copy(text_, length); // not memcpy: an empty view may point nowhere
		text_ += length;
	}

private:
	void put(std::uint32_t word)
	{
		std::memcpy(entry_, &word, sizeof word);
		entry_ += sizeof word;
	}

	char *entry_;
	char *text_;
	std::uint32_t index_ = 0;
	std::uint32_t end_ = 0; ///< of the last text, from the first
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
	Writer writer(out, members.size());
	for (Member const &member : members)
		writer.add(member.key);
	for (Member const &member : members)
		writer.add(member.value);
}

} // namespace vero
