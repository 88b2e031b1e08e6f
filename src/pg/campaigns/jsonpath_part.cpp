// Parts of a jsonpath by themselves: its operands, and the first steps of a path.
#include "pg/campaigns/jsonpath_part.hpp"

#include "pg/base/boundary.hpp"

extern "C" {
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
}

namespace vero::pg {
namespace {

constexpr int kItemHeader = 4; // an item's type, aligned
constexpr char const *kStrict = "strict ";

std::int32_t position(JsonPath const *path, JsonPathItem const &item)
{
	return static_cast<std::int32_t>(item.base - path->data);
}

/// Of a stored item: behind its type.
std::int32_t *numbers_of(char *item)
{
	auto address = reinterpret_cast<std::uintptr_t>(item + 1);
	return reinterpret_cast<std::int32_t *>(item + 1 + (INTALIGN(address) - address));
}

/// How an item is stored (flattenJsonPathParseItem of PostgreSQL's jsonpath.c): other items are named by their distances from it.
struct Layout {
	int numbers;		///< so many, of which the first is the next step's distance
	unsigned distances; ///< which of them are distances, as bits
	int other_size;		///< bytes behind them
};

Layout layout_of(JsonPathItem const &item)
{
	switch (item.type) {
	case jpiNull:
	case jpiRoot:
	case jpiCurrent:
		return {1, 0b1, 0};
	case jpiBool:
		return {1, 0b1, 1};
	case jpiNumeric:
		return {1, 0b1, static_cast<int>(VARSIZE(item.content.value.data))};
	case jpiString:
	case jpiVariable:
		return {2, 0b1, item.content.value.datalen + 1};
	case jpiNot:
	case jpiIsUnknown:
	case jpiPlus:
	case jpiMinus:
	case jpiExists:
		return {2, 0b11, 0};
	case jpiLikeRegex: // next, flags, expression, length of the pattern
		return {4, 0b101, item.content.like_regex.patternlen + 1};
	default: // two operands
		return {3, 0b111, 0};
	}
}

} // namespace

JsonPathPart JsonPathPart::of(JsonPath *path)
{
	JsonPathPart part{path, {}};
	call([&] { jspInit(&part.item, path); });
	return part;
}

JsonPathPart JsonPathPart::left() const
{
	JsonPathItem self = item;
	JsonPathPart part{whole, {}};
	call([&] {
		if (self.type == jpiLikeRegex) {
			jspInitByBuffer(&part.item, self.base, self.content.like_regex.expr);
		} else {
			jspGetLeftArg(&self, &part.item);
		}
	});
	return part;
}

JsonPathPart JsonPathPart::right() const
{
	JsonPathItem self = item;
	JsonPathPart part{whole, {}};
	call([&] { jspGetRightArg(&self, &part.item); });
	return part;
}

JsonPathPart JsonPathPart::argument() const
{
	JsonPathItem self = item;
	JsonPathPart part{whole, {}};
	call([&] { jspGetArg(&self, &part.item); });
	return part;
}

bool JsonPathPart::advance(JsonPathItem &step)
{
	JsonPathItem next;
	bool has_next = call([&] { return jspGetNext(&step, &next); });
	if (has_next)
		step = next;
	return has_next;
}

JsonPathPart JsonPathPart::until(JsonPathItem const &step) const
{
	return {whole, item, position(whole, step)};
}

/// A copy of the item, and behind it a copy of the whole, to which the item's distances lead.
JsonPath *JsonPathPart::path() const
{
	Layout layout = layout_of(item);
	int item_size = layout.numbers * static_cast<int>(sizeof(std::int32_t)) + layout.other_size;
	int whole_at = INTALIGN(kItemHeader + item_size);
	int size = static_cast<int>(VARSIZE(whole)) + whole_at;
	auto *path = static_cast<JsonPath *>(palloc0(size));
	SET_VARSIZE(path, size);
	path->header = whole->header;
	path->data[0] = static_cast<char>(item.type);
	memcpy(path->data + whole_at, whole->data, VARSIZE(whole) - JSONPATH_HDRSZ);
	memcpy(numbers_of(path->data), numbers_of(item.base), item_size);
	for (int i = 0; i < layout.numbers; i++) {
		std::int32_t &number = numbers_of(path->data)[i];
		if ((layout.distances >> i & 1U) != 0 && number != 0)
			number += whole_at + position(whole, item);
	}
	if (last_step >= 0) { // nothing is next
		bool is_item = last_step == position(whole, item);
		*numbers_of(path->data + (is_item ? 0 : whole_at + last_step)) = 0;
	}
	return path;
}

char *JsonPathPart::text() const
{
	char *text = DatumGetCString(DirectFunctionCall1(jsonpath_out, PointerGetDatum(path())));
	return strncmp(text, kStrict, strlen(kStrict)) == 0 ? text + strlen(kStrict) : text;
}

} // namespace vero::pg
