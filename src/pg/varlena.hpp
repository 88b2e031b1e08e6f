// Bytes of the core as values of PostgreSQL's variable-length types, without a copy.
#pragma once

#include "core/batch.hpp"
#include "pg/postgres.hpp"

namespace vero::pg {

/// Puts the length word into the room that StoredBytes keeps for it. Valid as long as the batch keeps the bytes.
inline Datum as_varlena(StoredBytes bytes)
{
	char *start = bytes.start - VARHDRSZ;
	SET_VARSIZE(start, bytes.size + VARHDRSZ);
	return PointerGetDatum(start);
}

} // namespace vero::pg
