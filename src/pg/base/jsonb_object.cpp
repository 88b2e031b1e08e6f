// Reads and builds small jsonb values.
#include "pg/base/jsonb_object.hpp"

#include "core/intake/columns.hpp"
#include "core/property/jsonb.hpp"
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

/// To be called in call().
void push_jsonb_text(JsonbParseState **state, JsonbIteratorToken token, std::string_view text)
{
	JsonbValue value;
	value.type = jbvString;
	value.val.string.val = const_cast<char *>(text.data());
	value.val.string.len = static_cast<int>(text.size());
	pushJsonbValue(state, token, &value);
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
	call([this] { pushJsonbValue(&state_, WJB_BEGIN_OBJECT, nullptr); });
}

void JsonbObject::add(std::string_view key, std::string_view text)
{
	call([&] {
		push_jsonb_text(&state_, WJB_KEY, key);
		push_jsonb_text(&state_, WJB_VALUE, text);
	});
}

void JsonbObject::add(std::string_view key, std::span<std::string const> texts)
{
	call([&] {
		push_jsonb_text(&state_, WJB_KEY, key);
		pushJsonbValue(&state_, WJB_BEGIN_ARRAY, nullptr);
		for (std::string const &text : texts)
			push_jsonb_text(&state_, WJB_ELEM, text);
		pushJsonbValue(&state_, WJB_END_ARRAY, nullptr);
	});
}

void JsonbObject::add_null(std::string_view key)
{
	call([&] {
		JsonbValue null;
		null.type = jbvNull;
		push_jsonb_text(&state_, WJB_KEY, key);
		pushJsonbValue(&state_, WJB_VALUE, &null);
	});
}

void JsonbObject::add_boolean(std::string_view key, bool value)
{
	call([&] {
		JsonbValue boolean;
		boolean.type = jbvBool;
		boolean.val.boolean = value;
		push_jsonb_text(&state_, WJB_KEY, key);
		pushJsonbValue(&state_, WJB_VALUE, &boolean);
	});
}

void JsonbObject::add_number(std::string_view key, std::int64_t value)
{
	call([&] {
		JsonbValue number;
		number.type = jbvNumeric;
		number.val.numeric = int64_to_numeric(value);
		push_jsonb_text(&state_, WJB_KEY, key);
		pushJsonbValue(&state_, WJB_VALUE, &number);
	});
}

void JsonbObject::add(std::string_view key, Datum jsonb)
{
	call([&] {
		Jsonb *object = DatumGetJsonbP(jsonb);
		JsonbValue value;
		value.type = jbvBinary;
		value.val.binary.data = &object->root;
		value.val.binary.len = static_cast<int>(VARSIZE(object) - VARHDRSZ);
		push_jsonb_text(&state_, WJB_KEY, key);
		pushJsonbValue(&state_, WJB_VALUE, &value);
	});
}

Datum JsonbObject::finish()
{
	return call([this] { return JsonbPGetDatum(JsonbValueToJsonb(pushJsonbValue(&state_, WJB_END_OBJECT, nullptr))); });
}

} // namespace vero::pg
