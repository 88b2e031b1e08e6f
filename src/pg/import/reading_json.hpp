// What an import took for what, as jsonb.
#pragma once

#include "core/report/import_reading.hpp"
#include "pg/base/postgres.hpp"

namespace vero::pg {

/// As vero.imports.reading keeps it. Throws Error.
Datum to_jsonb(ImportReading const &reading);

} // namespace vero::pg
