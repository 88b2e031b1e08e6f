// What events of a file are looked for by, and what was found for each of its lines.
#pragma once

#include "pg/bulk/sorted_entries.hpp"

namespace vero::pg {

/// What an event of the file is looked for by: an index entry of its contact, its time, its EventHash and its line (see line_of()).
using EventKey = IndexEntry;

/// Lines are below 2^48.
ItemPointerData place_of_line(std::uint64_t line);
std::uint64_t line_of(EventKey const &key);

/// What the event in a line of the file is equal to, or may be: an index entry, so that many can be put in the order of their lines, key[0].
using Twin = IndexEntry;

/// What a Twin's other numbers are: its `nulls`.
enum class TwinKind : std::uint16_t {
	row,			 ///< the partition's place; where in it a row is that has contact and time
	event,			 ///< the id of an event that no import brought
	event_of_import, ///< the id of an event, and its import's
	line,			 ///< the line of an equal record
};

Twin make_twin(std::uint64_t line, TwinKind kind, std::int64_t number, std::int64_t import_id = 0);

/// Throws Error, Report (53400) where temp_file_limit has no room for it.
void add_or_fail(SortedEntries &entries, IndexEntry const &entry);

} // namespace vero::pg
