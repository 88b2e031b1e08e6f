// A reader of stored jsonb objects of strings, as plain as can be: what the writer is tested against.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vero::test {

using StoredMembers = std::vector<std::pair<std::string, std::string>>;

/// The members in their order. Nothing where PostgreSQL would not have written these bytes: the layout is that of
/// src/include/utils/jsonb.h, an entry is found as getJsonbOffset and getJsonbLength of src/backend/utils/adt/jsonb_util.c
/// find it, keys ascend as lengthCompareJsonbString compares them, an offset stands in every 32nd entry and no other.
class PlainStoredObject {
public:
	explicit PlainStoredObject(std::string_view bytes) : bytes_(bytes) {}

	std::optional<StoredMembers> read() const
	{
		if (bytes_.size() < 4 || (word(0) & 0xF0000000) != 0x20000000)
			return std::nullopt;
		std::size_t const count = word(0) & 0x0FFFFFFF;
		std::size_t const texts_begin = 4 + 4 * 2 * count;
		if (bytes_.size() < texts_begin)
			return std::nullopt;
		std::vector<std::string> texts;
		std::size_t end = 0;
		for (std::size_t i = 0; i < 2 * count; ++i) {
			auto const is_string = (entry(i) & 0x70000000) == 0;
			if (!is_string || has_offset(i) != (i % 32 == 0) || offset(i) != end)
				return std::nullopt;
			end = offset(i) + length(i);
			if (end < offset(i) || end > bytes_.size() - texts_begin)
				return std::nullopt;
			texts.emplace_back(bytes_.substr(texts_begin + offset(i), length(i)));
		}
		if (texts_begin + end != bytes_.size())
			return std::nullopt;
		StoredMembers members;
		for (std::size_t i = 0; i < count; ++i) {
			if (i > 0 && !is_key_before(texts[i - 1], texts[i]))
				return std::nullopt;
			members.emplace_back(texts[i], texts[count + i]);
		}
		return members;
	}

	static bool is_key_before(std::string const &a, std::string const &b)
	{
		if (a.size() != b.size())
			return a.size() < b.size();
		for (std::size_t i = 0; i < a.size(); ++i)
			if (a[i] != b[i])
				return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[i]);
		return false;
	}

private:
	std::uint32_t word(std::size_t at) const
	{
		std::uint32_t value = 0;
		std::memcpy(&value, bytes_.data() + at, sizeof value);
		return value;
	}
	std::uint32_t entry(std::size_t i) const { return word(4 + 4 * i); }
	bool has_offset(std::size_t i) const { return (entry(i) & 0x80000000) != 0; }
	std::size_t number(std::size_t i) const { return entry(i) & 0x0FFFFFFF; }

	std::size_t offset(std::size_t i) const
	{
		std::size_t sum = 0;
		while (i-- > 0) {
			sum += number(i);
			if (has_offset(i))
				break;
		}
		return sum;
	}

	std::size_t length(std::size_t i) const { return has_offset(i) ? number(i) - offset(i) : number(i); }

	std::string_view bytes_;
};

inline std::optional<StoredMembers> read_stored_object(std::string_view bytes)
{
	return PlainStoredObject(bytes).read();
}

} // namespace vero::test
