// A COPY statement with FORMAT vero_csv, read and checked.
#pragma once

#include "pg/import/import_options.hpp"

extern "C" {
#include "nodes/parsenodes.h"
}

namespace vero::pg {

/// True where the options say FORMAT vero_csv. Never raises, as it sees every COPY.
bool has_vero_format(CopyStmt const *statement);

/// The options of COPY vero.events FROM. Throws Report with COPY's own errors and positions (42601, 0A000), Error.
GivenOptions read_copy_from(CopyStmt const *statement, char const *query);

/// The import whose rejects COPY vero.rejected_rows TO is to write. Throws likewise.
std::int64_t read_copy_to(CopyStmt const *statement, char const *query);

} // namespace vero::pg
