// A reader of stored jsonb as plain as can be, for objects of strings and arrays of them: what the writer is tested against.
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
/// As StoredMembers, but null instead of some values.
using NullableMembers = std::vector<std::pair<std::string, std::optional<std::string>>>;

/// The order of keys: lengthCompareJsonbString of src/backend/utils/adt/jsonb_util.c.
inline bool is_key_before(std::string const &a, std::string const &b)
{
	if (a.size() != b.size())
		return a.size() < b.size();
	for (std::size_t i = 0; i < a.size(); ++i)
		if (a[i] != b[i])
			return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[i]);
	return false;
}

/// A JsonbContainer, laid out as src/include/utils/jsonb.h says. An entry is found as getJsonbOffset and getJsonbLength of
/// jsonb_util.c find it.
class PlainContainer {
public:
	enum class Kind { object, array };
	enum class Type : std::uint32_t { string = 0, null = 0x40000000, container = 0x50000000 };

	explicit PlainContainer(std::string_view bytes) : bytes_(bytes) {}

	/// False where PostgreSQL would not have written these bytes: the entries do not fill them, or an offset does not stand
	/// in every 32nd entry and in no other.
	bool is_valid(Kind kind) const
	{
		if (bytes_.size() < 4 || (word(0) & 0xF0000000) != (kind == Kind::object ? 0x20000000 : 0x40000000))
			return false;
		if (bytes_.size() < data_begin())
			return false;
		std::size_t end = 0;
		for (std::size_t i = 0; i < entries(); ++i) {
			if (has_offset(i) != (i % 32 == 0) || offset(i) != end)
				return false;
			end = offset(i) + length(i);
			if (end < offset(i) || end > bytes_.size() - data_begin())
				return false;
		}
		return data_begin() + end == bytes_.size();
	}

	std::size_t count() const { return word(0) & 0x0FFFFFFF; }
	Type type(std::size_t i) const { return static_cast<Type>(entry(i) & 0x70000000); }
	std::string text(std::size_t i) const { return std::string(bytes_.substr(data_begin() + offset(i), length(i))); }

	/// Without the padding, which stands before a container so that it is aligned. Nothing where there is too little.
	std::optional<std::string> container(std::size_t i) const
	{
		auto const padding = (4 - offset(i) % 4) % 4;
		return length(i) < padding ? std::nullopt : std::optional(text(i).substr(padding));
	}

private:
	std::size_t entries() const { return (word(0) & 0x20000000) != 0 ? 2 * count() : count(); }
	std::size_t data_begin() const { return 4 + 4 * entries(); }

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

/// The members of an object of strings and nulls, in their order; nothing where the bytes are no such object.
inline std::optional<NullableMembers> read_stored_nullable(std::string_view bytes)
{
	PlainContainer const object(bytes);
	if (!object.is_valid(PlainContainer::Kind::object))
		return std::nullopt;
	NullableMembers members;
	for (std::size_t i = 0; i < object.count(); ++i) {
		auto const value = object.count() + i;
		auto const is_null = object.type(value) == PlainContainer::Type::null;
		if (object.type(i) != PlainContainer::Type::string ||
			(is_null ? !object.text(value).empty() : object.type(value) != PlainContainer::Type::string))
			return std::nullopt;
		if (i > 0 && !is_key_before(members.back().first, object.text(i)))
			return std::nullopt;
		members.emplace_back(object.text(i), is_null ? std::nullopt : std::optional(object.text(value)));
	}
	return members;
}

/// The same for an object of strings alone.
inline std::optional<StoredMembers> read_stored_object(std::string_view bytes)
{
	auto const nullable = read_stored_nullable(bytes);
	if (!nullable)
		return std::nullopt;
	StoredMembers members;
	for (auto const &[key, value] : *nullable) {
		if (!value)
			return std::nullopt;
		members.emplace_back(key, *value);
	}
	return members;
}

/// The objects of an array; nothing where the bytes are no array of objects of strings and nulls.
inline std::optional<std::vector<NullableMembers>> read_stored_array(std::string_view bytes)
{
	PlainContainer const array(bytes);
	if (!array.is_valid(PlainContainer::Kind::array))
		return std::nullopt;
	std::vector<NullableMembers> objects;
	for (std::size_t i = 0; i < array.count(); ++i) {
		auto const element = array.type(i) == PlainContainer::Type::container ? array.container(i) : std::nullopt;
		auto const object = element ? read_stored_nullable(*element) : std::nullopt;
		if (!object)
			return std::nullopt;
		objects.push_back(*object);
	}
	return objects;
}

} // namespace vero::test
