// What an import took for what, as jsonb.
#include "pg/import/reading_json.hpp"

#include "pg/base/jsonb_object.hpp"

namespace vero::pg {
namespace {

Datum describe_columns(ImportReading const &reading)
{
	JsonbObject columns;
	columns.add("email", reading.email);
	if (reading.event_name)
		columns.add("event_name", *reading.event_name);
	if (reading.time.size() == 1) {
		columns.add("time", reading.time.front());
	} else {
		columns.add("time", std::span<std::string const>(reading.time));
	}
	return columns.finish();
}

Datum describe_names(ImportReading const &reading)
{
	JsonbObject most_frequent, names;
	for (NameCount const &name : reading.names)
		most_frequent.add_number(name.name, static_cast<std::int64_t>(name.events));
	names.add_number("distinct", static_cast<std::int64_t>(reading.distinct_names));
	names.add_boolean("are_all_counted", reading.are_all_names_counted);
	names.add("most_frequent", most_frequent.finish());
	return names.finish();
}

} // namespace

Datum to_jsonb(ImportReading const &reading)
{
	JsonbObject times, object;
	for (ReadTimes const &layout : reading.times)
		times.add_number(layout.layout, static_cast<std::int64_t>(layout.times));
	object.add("columns", describe_columns(reading));
	object.add("delimiter", reading.delimiter);
	object.add("encoding", reading.encoding);
	object.add("compression", reading.compression);
	object.add("time_zone", reading.time_zone);
	object.add("times", times.finish());
	object.add("event_names", describe_names(reading));
	object.add_number("blank_records", static_cast<std::int64_t>(reading.blank_records));
	object.add_number("padded_records", static_cast<std::int64_t>(reading.padded_records));
	object.add_number("overlong_records", static_cast<std::int64_t>(reading.overlong_records));
	object.add_number("trimmed_cells", static_cast<std::int64_t>(reading.trimmed_cells));
	object.add("ignored_columns", std::span<std::string const>(reading.ignored));
	return object.finish();
}

} // namespace vero::pg
