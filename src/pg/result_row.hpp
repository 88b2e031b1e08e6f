// Rows that functions return.
#pragma once

#include "pg/boundary.hpp"

extern "C" {
#include "funcapi.h"
}

namespace vero::pg {

/// As the function's result type has it. To be called in call().
inline Datum result_row(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	TupleDesc row_type;
	if (get_call_result_type(fcinfo, nullptr, &row_type) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
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
		return result_row(fcinfo, values, nulls);
	});
}

} // namespace vero::pg
