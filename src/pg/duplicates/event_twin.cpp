// What events of a file are looked for by, and what was found for each of its lines.
#include "pg/duplicates/event_twin.hpp"

#include "pg/base/boundary.hpp"

namespace vero::pg {

ItemPointerData place_of_line(std::uint64_t line)
{
	ItemPointerData place;
	BlockIdSet(&place.ip_blkid, static_cast<BlockNumber>(line >> 16));
	place.ip_posid = static_cast<OffsetNumber>(line & 0xFFFF);
	return place;
}

std::uint64_t line_of(EventKey const &key)
{
	return std::uint64_t{BlockIdGetBlockNumber(&key.place.ip_blkid)} << 16 | key.place.ip_posid;
}

Twin make_twin(std::uint64_t line, TwinKind kind, std::int64_t number, std::int64_t import_id)
{
	return {{static_cast<std::int64_t>(line), number, import_id}, {}, static_cast<std::uint16_t>(kind)};
}

void add_or_fail(SortedEntries &entries, IndexEntry const &entry)
{
	if (entries.add(entry))
		return;
	throw Report{ERRCODE_CONFIGURATION_LIMIT_EXCEEDED,
				 "the events of the import take more than half of temp_file_limit", "",
				 "With on_duplicate they wait in temporary files until the file has ended. Raise temp_file_limit, or "
				 "leave on_duplicate out."};
}

} // namespace vero::pg
