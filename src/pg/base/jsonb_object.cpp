// Reads and builds small jsonb values.
#include "pg/base/jsonb_object.hpp"

#include "core/intake/columns.hpp"
#include "pg/base/boundary.hpp"

extern "C" {
#include "utils/numeric.h"
}

namespace vero::pg {
namespace {

static_assert(jsonb_form::kObjectFlag == JB_FOBJECT && jsonb_form::kArrayFlag == JB_FARRAY &&
			  jsonb_form::kMaxCount == JB_CMASK && jsonb_form::kMaxSize == JENTRY_OFFLENMASK &&
			  jsonb_form::kHasOffset == JENTRY_HAS_OFF && jsonb_form::kOffsetStride == JB_OFFSET_STRIDE);
static_assert(static_cast<std::uint32_t>(JsonbType::string) == JENTRY_ISSTRING &&
			  static_cast<std::uint32_t>(JsonbType::number) == JENTRY_ISNUMERIC &&
			  static_cast<std::uint32_t>(JsonbType::is_false) == JENTRY_ISBOOL_FALSE &&
			  static_cast<std::uint32_t>(JsonbType::is_true) == JENTRY_ISBOOL_TRUE &&
			  static_cast<std::uint32_t>(JsonbType::null) == JENTRY_ISNULL &&
			  static_cast<std::uint32_t>(JsonbType::container) == JENTRY_ISCONTAINER);

std::string to_string(JsonbValue const &value)
{
	return {value.val.string.val, static_cast<std::size_t>(value.val.string.len)};
}

} // namespace

std::vector<JsonbMember> read_jsonb_object(Datum jsonb, char const *option)
{
	Report wrong{ERRCODE_INVALID_PARAMETER_VALUE,
				 std::string("option \"") + option + "\" must be an object of strings, arrays of strings, and nulls",
				 "", ""};
	Jsonb *object = call([jsonb] { return DatumGetJsonbP(jsonb); });
	if (!JB_ROOT_IS_OBJECT(object))
		throw wrong;
	if (JB_ROOT_COUNT(object) > kMaxColumns) {
		throw Report{ERRCODE_INVALID_PARAMETER_VALUE,
					 std::string("option \"") + option + "\" has more than " + std::to_string(kMaxColumns) + " members",
					 "", ""};
	}
	JsonbIterator *iterator = call([object] { return JsonbIteratorInit(&object->root); });
	std::vector<JsonbMember> members;
	JsonbValue value;
	auto step = [&] { return call([&] { return JsonbIteratorNext(&iterator, &value, false); }); };
	step(); // the object begins
	bool is_in_array = false;
	for (JsonbIteratorToken token = step(); token != WJB_DONE; token = step()) {
		if (token == WJB_KEY) {
			members.push_back({to_string(value), {}});
		} else if ((token == WJB_VALUE || token == WJB_ELEM) && value.type == jbvString) {
			members.back().texts.push_back(to_string(value));
		} else if (token == WJB_BEGIN_ARRAY && !is_in_array) {
			is_in_array = true;
		} else if (token == WJB_END_ARRAY && !members.back().texts.empty()) {
			is_in_array = false;
		} else if (token != WJB_END_OBJECT && (token != WJB_VALUE || value.type != jbvNull)) {
			throw wrong;
		}
	}
	return members;
}

JsonbObject::JsonbObject()
{
	constexpr std::size_t kUsualMembers = 16, kUsualSize = 512;
	members_.reserve(kUsualMembers);
	bytes_.reserve(kUsualSize);
}

JsonbObject::Place JsonbObject::keep(std::string_view bytes)
{
	bytes_ += bytes;
	return {bytes_.size() - bytes.size(), bytes.size()};
}

void JsonbObject::add(std::string_view key, std::string_view value, JsonbType type)
{
	Place kept_key = keep(key);
	members_.push_back({kept_key, keep(value), type});
}

void JsonbObject::add(std::string_view key, std::span<std::string const> texts)
{
	std::vector<Member> elements;
	elements.reserve(texts.size());
	for (std::string const &text : texts)
		elements.push_back({{}, text});
	std::string list(jsonb_list_size(elements), '\0');
	write_jsonb_list(elements, list.data());
	add(key, list, JsonbType::container);
}

void JsonbObject::add_number(std::string_view key, std::int64_t value)
{
	Numeric number = call([value] { return int64_to_numeric(value); });
	add(key, {reinterpret_cast<char const *>(number), VARSIZE(number)}, JsonbType::number);
}

void JsonbObject::add(std::string_view key, Datum object)
{
	Jsonb *jsonb = call([object] { return DatumGetJsonbP(object); });
	add(key, {reinterpret_cast<char const *>(&jsonb->root), VARSIZE(jsonb) - VARHDRSZ}, JsonbType::container);
}

Datum JsonbObject::finish()
{
	std::vector<Member> members;
	members.reserve(members_.size());
	for (Kept const &kept : members_)
		members.push_back({at(kept.key), at(kept.value), kept.type});
	std::stable_sort(members.begin(), members.end(),
					 [](Member const &a, Member const &b) { return is_jsonb_key_less(a.key, b.key); });
	auto is_same = [](Member const &a, Member const &b) { return a.key == b.key; };
	members.erase(members.begin(), std::unique(members.rbegin(), members.rend(), is_same).base());
	std::size_t size = jsonb_object_size(members);
	auto *jsonb = static_cast<Jsonb *>(call([size] { return palloc(VARHDRSZ + size); }));
	SET_VARSIZE(jsonb, VARHDRSZ + size);
	write_jsonb_object(members, reinterpret_cast<char *>(&jsonb->root));
	return JsonbPGetDatum(jsonb);
}

} // namespace vero::pg
