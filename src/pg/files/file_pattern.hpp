// Which files of the server paths name that may have wildcards.
#pragma once

#include "pg/base/postgres.hpp"

namespace vero::pg {

/// Files that are named at a time.
constexpr int kMaxFiles = 100'000;

/// The files that these paths name, each of them once, in the bytewise order of their names. `*`, `?` and `[...]` in a path are as in a shell (POSIX,
/// fnmatch(3)): they match no slash and no dot at the beginning of a name, and only regular files, or links to some, are found. `\` takes its meaning from the character behind it. A path that is
/// the name of something as it stands is nothing else; one without wildcards is named though nothing is there.
///
/// Demands of each path what FileSource demands (22023, 42501) before a directory is looked at. Throws Report where nothing matches (58P01), where a name
/// that matches is no text of the database (22021), and where there are more than kMaxFiles (54000); Error where a directory cannot be read.
std::vector<std::string> find_files(std::vector<std::string> const &paths);

} // namespace vero::pg
