// The arguments of import_events_csv() and vero.import_files(), and the words about what came of an import.
#pragma once

#include "core/report/import_outcome.hpp"
#include "pg/import/import_options.hpp"

namespace vero::pg {

/// What is imported: the first argument.
constexpr int kSourceArgument = 0;

/// All arguments behind the first one, checked. Throws Report, Error.
ImportOptions options_argument(FunctionCallInfo fcinfo);

/// The files that the first argument names: a path, or an array of some. Throws Report, Error.
std::vector<std::string> path_argument(FunctionCallInfo fcinfo);
std::vector<std::string> paths_argument(FunctionCallInfo fcinfo);

/// "import 7: 5 records read, 2 imported, 3 rejected"
std::string describe_counts(ImportOutcome const &outcome);

} // namespace vero::pg
