// Sorts index entries.
#pragma once

#include "pg/bulk/entry_runs.hpp"

namespace vero::pg {

/// As std::sort() does, in less time where the first keys of many entries are spread. Needs next to no memory.
void sort_entries(std::span<IndexEntry> entries);

} // namespace vero::pg
