// Puts into words what an import took for what, and what is doubtful about it.
#include "core/report/confirmation.hpp"
#include "core/text/text.hpp"
#include "core/text/visible_text.hpp"

namespace vero {

namespace {

constexpr std::size_t kMaxShown = 80; // characters of a column or a name

std::string quoted(std::string_view bytes)
{
	return "'" + to_visible(clip_printable(bytes, kMaxShown)) + "'";
}

std::string shown(std::string_view bytes)
{
	return to_visible(clip_printable(bytes, kMaxShown));
}

std::string grouped(std::uint64_t number)
{
	return group_digits(static_cast<std::int64_t>(number));
}

std::string describe_columns(ImportReading const &reading)
{
	std::string words = "Email from " + quoted(reading.email) + ", time from ";
	for (std::size_t i = 0; i < reading.time.size(); ++i) {
		words += (i == 0 ? "" : " and ") + quoted(reading.time[i]);
	}
	words += " (" + shown(reading.time_zone) + ")";
	auto const names = list_names(reading.names, reading.distinct_names, reading.are_all_names_counted);
	if (reading.event_name) {
		words += ", names of events from " + quoted(*reading.event_name) + (names.empty() ? "" : ": ") + names;
	} else if (!names.empty()) {
		words += ", events: " + names;
	}
	return words + ".";
}

/// Only what is not as it is in most files.
std::string describe_form(ImportReading const &reading)
{
	auto const delimiter = reading.delimiter == "\t" ? "tab" : quoted(reading.delimiter);
	auto words = "Delimiter " + delimiter + ", encoding " + shown(reading.encoding);
	if (reading.compression != "none") {
		words += ", compressed with " + shown(reading.compression);
	}
	return words + ".";
}

std::string describe_times(ImportReading const &reading)
{
	std::string words;
	for (auto const &layout : reading.times) {
		words += (words.empty() ? "Times: " : ", ") + grouped(layout.times) + " in " + shown(layout.layout);
	}
	return words + ".";
}

} // namespace

std::string list_names(std::vector<NameCount> const &names, std::uint64_t distinct, bool is_all)
{
	std::string words;
	for (auto const &name : names) {
		words += (words.empty() ? "" : ", ") + quoted(name.name) + " " + grouped(name.events);
	}
	if (std::uint64_t const others = distinct - std::min<std::uint64_t>(distinct, names.size()); others != 0) {
		words += (is_all ? " and " : " and at least ") + count_of(others, "other name");
	}
	return words;
}

std::vector<std::string> describe_reading(ImportReading const &reading)
{
	std::vector<std::string> lines{describe_columns(reading), describe_form(reading)};
	if (reading.times.size() > 1) {
		lines.push_back(describe_times(reading));
	}
	return lines;
}

std::vector<ReportFact> describe_passed_over(ImportReading const &reading)
{
	std::vector<ReportFact> facts;
	if (reading.blank_records != 0) {
		facts.push_back({"Blank records", grouped(reading.blank_records) + ", passed over"});
	}
	if (reading.padded_records != 0) {
		facts.push_back({"Short records", grouped(reading.padded_records) + ", filled up"});
	}
	if (reading.overlong_records != 0) {
		facts.push_back(
			{"Long records", grouped(reading.overlong_records) + ", whose cells beyond the header are blank"});
	}
	if (reading.trimmed_cells != 0) {
		facts.push_back({"Trimmed", "what is not seen, in " + count_of(reading.trimmed_cells, "cell")});
	}
	if (reading.ignored_columns != 0) {
		std::string names;
		for (auto const &column : reading.ignored) {
			names += (names.empty() ? "" : ", ") + (column.empty() ? "a column without a name" : quoted(column));
		}
		auto const more = reading.ignored_columns - reading.ignored.size();
		facts.push_back({"Left out", names + (more == 0 ? "" : " and " + count_of(more, "other column"))});
	}
	return facts;
}

std::vector<std::string> find_doubts(ImportOutcome const &outcome)
{
	if (!outcome.reading || !outcome.reading->doubt) {
		return {};
	}
	auto const &doubt = *outcome.reading->doubt;
	return {"Nearly every record has a name of its own: " + std::string(doubt.are_all_counted ? "" : "at least ") +
			count_of(doubt.names, "name") + " for " + count_of(doubt.records, "record") + ". If " +
			quoted(outcome.reading->event_name.value_or("")) +
			" does not say what happened, the option event_name does, for all events."};
}

} // namespace vero
