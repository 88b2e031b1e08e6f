// Whether a file fails as a whole for its rejects.
#pragma once

#include "pg/import/import_records.hpp"

namespace vero::pg {

/// Whether the rejects are too many already. Of a file's first records nothing is said yet.
bool is_limit_passed(RecordImport const &import);

/// A failure where the rejects are too many. `is_whole`: all records were read.
std::optional<FileFailure> judge_rejects(RecordImport const &import, bool is_whole);

} // namespace vero::pg
