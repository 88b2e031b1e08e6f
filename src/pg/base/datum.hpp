// Values of C++ as PostgreSQL's, and back: texts and bytes, arrays as parameters of statements, rows that functions return.
#pragma once

#include "core/intake/batch.hpp"
#include "pg/base/boundary.hpp"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_type_d.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
}

namespace vero::pg {

static_assert(kLengthWord == VARHDRSZ && kMaxStoredSize == MaxAllocSize - VARHDRSZ);

/// Puts the length word into the room that StoredBytes keeps for it. Valid as long as the batch keeps the bytes.
inline Datum as_varlena(StoredBytes bytes)
{
	char *start = bytes.start - VARHDRSZ;
	SET_VARSIZE(start, bytes.size + VARHDRSZ);
	return PointerGetDatum(start);
}

/// A copy in the current memory context; text and bytea are stored alike. To be called in call().
inline Datum text_datum(std::string_view text)
{
	if (text.size() > kMaxStoredSize) {
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("a value of %zu bytes is larger than what can be stored (%zu bytes)", text.size(),
							   kMaxStoredSize)));
	}
	return PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size())));
}

/// A text argument of a function that SQL calls; nothing for null. Throws Error.
inline std::optional<std::string> text_argument(FunctionCallInfo fcinfo, int argument)
{
	if (PG_ARGISNULL(argument))
		return std::nullopt;
	Datum value = PG_GETARG_DATUM(argument);
	text *bytes = call([value] { return DatumGetTextPP(value); });
	return std::string(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
}

/// The name of the current user, as a name; to be asked for before a scope of the owner. To be called in call().
inline Datum current_user_name()
{
	auto *name = static_cast<NameData *>(palloc0(sizeof(NameData)));
	namestrcpy(name, GetUserNameFromId(GetUserId(), false));
	return NameGetDatum(name);
}

/// What an array's elements are. Arrays are made in the current memory context, in call().
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

/// Sees that a row type has columns of these types: a named one may have been altered. To be called in call().
inline void check_row_type(TupleDesc row_type, std::span<Oid const> types)
{
	bool is_as_made = row_type->natts == static_cast<int>(types.size());
	for (int i = 0; is_as_made && i < row_type->natts; i++)
		is_as_made = TupleDescAttr(row_type, i)->atttypid == types[i];
	if (!is_as_made) {
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH), errmsg("type %s is not as the extension \"vero_events\" made it",
															format_type_be(row_type->tdtypeid))));
	}
}

/// As the function's result type has it, which is to have columns of these types. To be called in call().
inline Datum result_row(FunctionCallInfo fcinfo, std::span<Oid const> types, Datum *values, bool *nulls)
{
	TupleDesc row_type;
	if (get_call_result_type(fcinfo, nullptr, &row_type) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	check_row_type(row_type, types);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row_type), values, nulls));
}

/// A row of bigints. Throws Error.
template <std::size_t size> Datum count_row(FunctionCallInfo fcinfo, std::int64_t const (&counts)[size])
{
	return call([&] {
		Datum values[size];
		for (std::size_t i = 0; i < size; i++)
			values[i] = Int64GetDatum(counts[i]);
		bool nulls[size] = {};
		std::array<Oid, size> types;
		types.fill(INT8OID);
		return result_row(fcinfo, types, values, nulls);
	});
}

} // namespace vero::pg
