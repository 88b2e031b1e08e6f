// Rows that functions return.
#pragma once

#include "pg/base/boundary.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "funcapi.h"
#include "utils/builtins.h"
}

namespace vero::pg {

/// As the function's result type has it, which is to have columns of these types: a named one may have been altered. To be called in call().
inline Datum result_row(FunctionCallInfo fcinfo, std::span<Oid const> types, Datum *values, bool *nulls)
{
	TupleDesc row_type;
	if (get_call_result_type(fcinfo, nullptr, &row_type) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	bool is_as_made = row_type->natts == static_cast<int>(types.size());
	for (int i = 0; is_as_made && i < row_type->natts; i++)
		is_as_made = TupleDescAttr(row_type, i)->atttypid == types[i];
	if (!is_as_made)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH), errmsg("type %s is not as the extension \"vero_events\" made it",
															format_type_be(row_type->tdtypeid))));
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
