// Fuzzes a look at a file: it finds what an import would find, and whatever is advised is advised of any bytes.
#include "core/inspect/advice.hpp"
#include "core/inspect/column_description.hpp"
#include "core/intake/record_shape.hpp"
#include "core/intake/validator.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace {

using vero::FileBeginning;
using vero::HashKey;
using vero::ValidationRules;

constexpr HashKey kKey{1, 2};
constexpr std::size_t kMaxRecordSize = 1000;

void require(bool condition)
{
	if (!condition)
		__builtin_trap();
}

vero::RecordStream read_stream(std::string_view csv)
{
	vero::RecordStream stream(vero::Dialect(), kMaxRecordSize, vero::StreamForm());
	stream.feed(csv);
	stream.finish();
	return stream;
}

/// What an import makes of the same records.
void check_counts(vero::FileSurvey const &survey, ValidationRules const &rules, std::string_view csv)
{
	vero::RecordStream stream = read_stream(csv);
	vero::Record record;
	require(stream.next(record));
	vero::Validator validator(rules, kKey);
	vero::ContactIndex contacts{kKey, 100};
	vero::Batch batch;
	std::uint64_t records = 0;
	while (stream.next(record))
		records += validator.judge(record, records + 1, contacts, batch) ? 1 : 0;
	require(survey.is_whole() && survey.records() == records);
	require(survey.rejects() == batch.rejects.size() && survey.blank_records() == batch.blank_records);
}

void check_columns(vero::FileSurvey const &survey, std::vector<std::string> const &names)
{
	for (std::size_t i = 0; i < survey.columns().size(); ++i) {
		auto const &column = survey.columns()[i];
		require(column.filled() <= survey.records());
		require(column.distinct().is_estimate() || column.distinct().count() <= column.filled());
		auto const described = vero::describe_column(column, names[i], survey.header().columns[i].role, column.times());
		require(!described.distinct.empty());
	}
}

void look_at_records(std::string_view csv, vero::Header header, std::vector<std::string> const &names)
{
	vero::TimeZone const utc;
	ValidationRules rules{std::move(header), {}, "", "UTF8", kMaxRecordSize, &utc};
	rules.header_cells = names;
	vero::RecordStream stream = read_stream(csv);
	vero::Record record;
	require(stream.next(record));
	vero::FileSurvey survey(std::move(stream), rules, {}, kKey, csv.size());
	survey.finish();
	require(survey.go_on());
	check_counts(survey, rules, csv);
	check_columns(survey, names);
	vero::advise_on_reading(survey, {names, {}, "file"});
	vero::advise_on_types(survey.columns(), survey.header(), names);
}

void look_at_header(std::string_view csv)
{
	FileBeginning const beginning{
		std::string(csv), vero::Dialect(), {',', ';'}, 0, kMaxRecordSize, {}, false, vero::Notation::function, true};
	if (auto const sample = vero::find_header_sample(beginning)) {
		auto const advice = vero::advise_on_header(beginning, *sample, "file");
		for (auto const &target : advice.columns) {
			auto const &name = target.column.value_or(target.target);
			require(std::find(sample->names.begin(), sample->names.end(), name) != sample->names.end());
		}
	} else {
		vero::advise_without_header(beginning);
	}
	vero::guess_encoding(csv);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const *data, std::size_t size)
{
	std::string_view const csv(reinterpret_cast<char const *>(data), size);
	look_at_header(csv);
	vero::RecordStream stream = read_stream(csv);
	vero::Record record;
	if (!stream.next(record) || record.fault != vero::RecordFault::none || vero::first_malformed(record) != 0)
		return 0;
	std::vector<std::string> const names = vero::header_texts(record, vero::Dialect());
	if (auto header = vero::resolve_header(names, {}, false))
		look_at_records(csv, *std::move(header), names);
	return 0;
}
