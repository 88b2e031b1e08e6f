// Bytes of the core as values of PostgreSQL's variable-length types.
#pragma once

#include "core/intake/batch.hpp"
#include "pg/base/boundary.hpp"

extern "C" {
#include "utils/builtins.h"
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
	if (text.size() > kMaxStoredSize)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("a value of %zu bytes is larger than what can be stored (%zu bytes)", text.size(),
							   kMaxStoredSize)));
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

} // namespace vero::pg
