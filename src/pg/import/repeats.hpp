// Whether what is imported was imported before.
#pragma once

#include "pg/import/import_records.hpp"

namespace vero::pg {

/// The failure that an import of content that was imported before ends in, whose counts are set back. Reads the rest of the file. Throws Error.
std::optional<FileFailure> find_repeat(CsvInput &input, RecordImport const &import);

/// The same, known by the bytes before anything is written, where they can be read twice: that costs less than to take it back. What it
/// misses, as an archive and what it holds are other bytes, find_repeat() finds. Can be cancelled. Throws Error.
std::optional<FileFailure> find_same_bytes(CsvInput const &input, RecordImport const &import);

} // namespace vero::pg
