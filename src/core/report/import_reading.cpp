// What an import took for what: which columns, names and times it read, and how.
#include "core/report/import_reading.hpp"

#include "core/intake/column_names.hpp"

#include <algorithm>

namespace vero {
namespace {

/// Of a column that may as well have other names two different ones are enough.
std::optional<NamesDoubt> find_doubt(Header const &header, ReadingCounts const &counts,
									 std::span<ColumnTarget const> targets)
{
	NameCounts names = counts.names;
	names.merge(counts.rejected_names);
	if (!header.event_name || !names.is_nearly_distinct())
		return std::nullopt;
	bool const is_weak = is_weak_event_name(header.columns[*header.event_name].name, targets);
	if (!is_weak && names.events() < kEnoughToDoubt)
		return std::nullopt;
	return NamesDoubt{names.counts().size(), names.is_complete(), names.events()};
}

} // namespace

std::vector<NameCount> most_frequent(std::vector<NameCount> counts, std::size_t most)
{
	std::stable_sort(counts.begin(), counts.end(),
					 [](NameCount const &a, NameCount const &b) { return a.events > b.events; });
	counts.resize(std::min(counts.size(), most));
	return counts;
}

ImportReading make_reading(Header const &header, ReadingCounts const &counts, std::span<TimeLayout const> layouts,
						   std::span<ColumnTarget const> targets)
{
	ImportReading reading;
	reading.email = header.columns[header.email].name;
	reading.time.push_back(header.columns[header.time].name);
	if (header.clock)
		reading.time.push_back(header.columns[*header.clock].name);
	if (header.event_name)
		reading.event_name = header.columns[*header.event_name].name;
	for (Column const &column : header.columns) {
		if (column.role == Role::ignored && reading.ignored_columns++ < ImportReading::kListedColumns)
			reading.ignored.push_back(column.name);
	}
	reading.times.push_back({"ISO 8601", counts.iso_times});
	for (std::size_t i = 0; i < layouts.size(); i++)
		reading.times.push_back({layouts[i].text(), counts.layout_times[i]});
	reading.names = most_frequent(counts.names.counts(), kToldNames);
	reading.distinct_names = counts.names.counts().size();
	reading.are_all_names_counted = counts.names.is_complete();
	reading.doubt = find_doubt(header, counts, targets);
	reading.events = counts.names.events();
	reading.padded_records = counts.padded_records;
	reading.overlong_records = counts.overlong_records;
	reading.trimmed_cells = counts.trimmed_cells;
	return reading;
}

} // namespace vero
