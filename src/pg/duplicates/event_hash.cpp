// A number for what an event is beside its contact and its time, by which equal events are told from others.
#include "pg/duplicates/event_hash.hpp"

#include "pg/base/random.hpp"

#include <cstring>

extern "C" {
#include "lib/stringinfo.h"
#include "utils/numeric.h"
}

namespace vero::pg {
namespace {

/// True where it is an object, and equal ones are stored as the same bytes: there are neither numbers, which may have zeros behind the decimal
/// point, nor other containers in it.
bool is_plain(JsonbContainer const &container)
{
	if (!JsonContainerIsObject(&container))
		return false;
	std::uint32_t count = JsonContainerSize(&container);
	for (std::uint32_t value = count; value < 2 * count; value++) { // behind the keys
		JEntry entry = container.children[value];
		if (JBE_ISNUMERIC(entry) || JBE_ISCONTAINER(entry))
			return false;
	}
	return true;
}

void append(StringInfo text, char kind, char const *bytes, int size)
{
	appendStringInfoChar(text, kind);
	appendBinaryStringInfo(text, reinterpret_cast<char *>(&size), sizeof size);
	appendBinaryStringInfo(text, bytes, size);
}

void append(StringInfo text, JsonbValue const &value)
{
	switch (value.type) {
	case jbvString:
		append(text, 's', value.val.string.val, value.val.string.len);
		break;
	case jbvNumeric: {
		char *digits = numeric_normalize(value.val.numeric);
		append(text, 'n', digits, static_cast<int>(strlen(digits)));
		pfree(digits);
		break;
	}
	case jbvBool:
		appendStringInfoChar(text, value.val.boolean ? 't' : 'f');
		break;
	default:
		appendStringInfoChar(text, '0');
	}
}

/// The same bytes for equal values.
StringInfoData normal_form(Jsonb *jsonb)
{
	StringInfoData text;
	initStringInfo(&text);
	JsonbIterator *iterator = JsonbIteratorInit(&jsonb->root);
	JsonbValue value;
	JsonbIteratorToken token;
	while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE) {
		if (token == WJB_KEY || token == WJB_VALUE || token == WJB_ELEM) {
			append(&text, value);
		} else { // where an object or array begins or ends, a lone value too
			bool is_lone = token == WJB_BEGIN_ARRAY && value.val.array.rawScalar;
			appendStringInfoChar(&text, static_cast<char>(is_lone ? 'v' : 'A' + token));
		}
	}
	return text;
}

std::string_view bytes_of(Jsonb const *jsonb)
{
	return {reinterpret_cast<char const *>(&jsonb->root), VARSIZE(jsonb) - VARHDRSZ};
}

} // namespace

EventHash::EventHash() : key_(random_hash_key()) {}

std::uint64_t EventHash::of(std::string_view name, Jsonb *properties) const
{
	Hash128 const of_name = siphash(key_, name);
	HashKey const key{of_name.first ^ key_[0], of_name.second ^ key_[1]};
	if (is_plain(properties->root))
		return siphash(key, bytes_of(properties)).first;
	StringInfoData const form = normal_form(properties);
	std::uint64_t hash = siphash(key, {form.data, static_cast<std::size_t>(form.len)}).second;
	pfree(form.data);
	return hash;
}

} // namespace vero::pg
