// Arrays as parameters of statements.
#pragma once

#include "pg/base/varlena.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "utils/array.h"
#include "utils/timestamp.h"
}

namespace vero::pg {

/// What an array's elements are. All of these are in the current memory context, and to be called in call().
struct ElementForm {
	Oid type;
	int length;
	bool is_by_value;
	char alignment;
};

constexpr ElementForm kInt4{INT4OID, 4, true, TYPALIGN_INT};
constexpr ElementForm kInt8{INT8OID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE};
constexpr ElementForm kTimestamptz{TIMESTAMPTZOID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE};
constexpr ElementForm kText{TEXTOID, -1, false, TYPALIGN_INT};
constexpr ElementForm kTid{TIDOID, 6, false, TYPALIGN_SHORT};

/// Elements from `datum_of(i)`; nothing from it is a null.
template <class DatumOf> Datum make_array(std::size_t size, ElementForm form, DatumOf &&datum_of)
{
	auto *elements = static_cast<Datum *>(palloc(sizeof(Datum) * size));
	auto *nulls = static_cast<bool *>(palloc(sizeof(bool) * size));
	for (std::size_t i = 0; i < size; i++) {
		std::optional<Datum> element = datum_of(i);
		elements[i] = element.value_or(0);
		nulls[i] = !element;
	}
	int count = static_cast<int>(size), lower_bound = 1;
	return PointerGetDatum(construct_md_array(elements, nulls, 1, &count, &lower_bound, form.type, form.length,
											  form.is_by_value, form.alignment));
}

template <class ValueOf> Datum int4_array(std::size_t size, ValueOf &&value_of)
{
	return make_array(size, kInt4, [&](std::size_t i) -> std::optional<Datum> { return Int32GetDatum(value_of(i)); });
}

template <class ValueOf> Datum int8_array(std::size_t size, ValueOf &&value_of)
{
	return make_array(size, kInt8, [&](std::size_t i) -> std::optional<Datum> { return Int64GetDatum(value_of(i)); });
}

template <class ValueOf> Datum timestamptz_array(std::size_t size, ValueOf &&value_of)
{
	return make_array(size, kTimestamptz,
					  [&](std::size_t i) -> std::optional<Datum> { return Int64GetDatum(value_of(i)); });
}

/// `value_of(i)`: a std::string_view.
template <class ValueOf> Datum text_array(std::size_t size, ValueOf &&value_of)
{
	return make_array(size, kText, [&](std::size_t i) -> std::optional<Datum> { return text_datum(value_of(i)); });
}

} // namespace vero::pg
