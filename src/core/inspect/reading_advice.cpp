// Tells from all values of a file which options would read it better.
#include "core/inspect/advice.hpp"

#include "core/intake/column_names.hpp"
#include "core/text/name_folding.hpp"
#include "core/text/option_words.hpp"
#include "core/text/text.hpp"

#include <algorithm>
#include <array>

namespace vero {
namespace {

constexpr std::array<std::string_view, 3> kEventWords{"event", "action", "activity"}; // in names of columns

/// True where there are nearly as many values as records.
bool is_nearly_distinct(ColumnSurvey const &column)
{
	return column.distinct().count() * 10 >= column.filled() * 9;
}

std::string show_examples(ColumnSurvey const &column)
{
	std::string shown;
	for (std::string const &example : column.examples())
		shown += (shown.empty() ? "" : ", ") + quote_clipped(example);
	return shown;
}

bool may_name_events(std::string const &column)
{
	std::string const folded = fold_name(column);
	return std::any_of(kEventWords.begin(), kEventWords.end(),
					   [&](std::string_view word) { return folded.find(word) != folded.npos; });
}

/// Names of people, orders or articles that are taken for those of events.
void look_at_event_names(Advice &advice, FileSurvey const &survey, GivenReading const &given)
{
	if (!survey.header().event_name)
		return;
	std::string const &name = given.names[*survey.header().event_name];
	ColumnSurvey const &column = survey.columns()[*survey.header().event_name];
	if (column.filled() == 0 || !is_nearly_distinct(column))
		return;
	bool const is_weak = is_weak_event_name(name, given.targets);
	std::string const found = "column " + quote_clipped(name) +
							  " would be the events' names, and has nearly as many values as there are records (" +
							  show_examples(column) + ")";
	if (is_weak && column.filled() > 1) {
		advice.event_name = given.events;
		advice.warnings.push_back(found + ": event_name names the events instead");
	} else if (is_weak) {
		advice.questions.push_back(
			"Is " + show_examples(column) + " in column " + quote_clipped(name) +
			" the name of an event? If not, event_name => '...' says what the events are called.");
	} else if (column.filled() >= kEnoughToDoubt) {
		advice.warnings.push_back(found);
	}
}

/// The column that is called so has no address, and one other has.
void look_at_emails(Advice &advice, FileSurvey const &survey, GivenReading const &given)
{
	Header const &header = survey.header();
	if (survey.columns()[header.email].filled() > 0 && !survey.columns()[header.email].has_no_address())
		return;
	std::vector<std::size_t> found;
	for (std::size_t i = 0; i < survey.columns().size(); i++) {
		if (survey.columns()[i].has_addresses())
			found.push_back(i);
	}
	std::string const &name = given.names[header.email];
	if (found.size() != 1 || is_told(given.targets, name) || header.columns[found[0]].role != Role::property)
		return;
	advice.columns.push_back({"email", given.names[found[0]]});
	advice.warnings.push_back("column " + quote_clipped(name) + " has no address, and " +
							  quote_clipped(given.names[found[0]]) + " has: that is the email");
}

/// What is taken for the time is a time of day, and one other column has dates.
bool join_date_and_clock(Advice &advice, FileSurvey const &survey, GivenReading const &given)
{
	Header const &header = survey.header();
	std::string const &time = given.names[header.time];
	if (header.clock || !survey.columns()[header.time].has_clocks_only() || is_told(given.targets, time))
		return false;
	std::vector<std::size_t> dates;
	for (std::size_t i = 0; i < survey.columns().size(); i++) {
		if (i != header.time && header.columns[i].role == Role::property && survey.columns()[i].has_times_only())
			dates.push_back(i);
	}
	if (dates.size() != 1)
		return false;
	advice.columns.push_back({"time", given.names[dates[0]], time});
	return true;
}

/// What is taken for the time has dates alone, and the column beside it has times of day.
bool join_clock_beside(Advice &advice, FileSurvey const &survey, GivenReading const &given)
{
	Header const &header = survey.header();
	if (header.clock || given.names_time || !survey.columns()[header.time].has_dates_only())
		return false;
	for (std::size_t const i : {header.time + 1, header.time - 1}) { // before the first is none, too
		if (i >= survey.columns().size() || header.columns[i].role != Role::property ||
			!survey.columns()[i].has_clocks_only() || is_told(given.targets, given.names[i])) {
			continue;
		}
		advice.columns.push_back({"time", given.names[header.time], given.names[i]});
		advice.warnings.push_back("columns " + quote_clipped(given.names[header.time]) + " and " +
								  quote_clipped(given.names[i]) + " are taken for date and time of day: one time");
		return true;
	}
	return false;
}

void look_at_times(Advice &advice, FileSurvey const &survey, GivenReading const &given)
{
	if (join_date_and_clock(advice, survey, given) || join_clock_beside(advice, survey, given))
		return;
	LayoutChoice choice = survey.times().choose();
	advice.time_formats = std::move(choice.layouts);
	if (choice.doubt)
		advice.questions.push_back(ask_which_layout(*choice.doubt, survey.times().values()));
}

void look_at_rejects(Advice &advice, FileSurvey const &survey, GivenReading const &given)
{
	if (survey.short_records() > 0 && !given.null_padding) {
		advice.null_padding = true;
		advice.warnings.push_back(count_of(survey.short_records(), "record") +
								  (survey.short_records() == 1 ? " is" : " are") +
								  " short of cells at the end: null_padding takes them as empty");
	}
	if (survey.windows_1252_records() > 0 && survey.windows_1252_records() == survey.count(ErrorCode::invalid_encoding))
		advice.encoding = kWindows1252;
	if (survey.count(ErrorCode::unnamed_column) > 0) {
		advice.columns.push_back({"", std::nullopt});
		advice.warnings.emplace_back("there are values in a column without a name, which is left out");
	}
}

} // namespace

std::string ask_what_events_are(std::string const &events, std::span<std::string const> names)
{
	std::string question =
		"What are the events called? The call says " + quote_clipped(events) + ", for want of anything better.";
	auto const found = std::find_if(names.begin(), names.end(), may_name_events);
	if (found != names.end()) {
		question += " Or does column " + quote_clipped(*found) +
					" say it? columns => '{\"event_name\": ...}' names the column.";
	}
	return question;
}

std::string ask_which_layout(LayoutDoubt const &doubt, std::uint64_t values)
{
	std::string const both = quote_clipped(doubt.first) + " or " + quote_clipped(doubt.second);
	if (doubt.first_alone == 0 && doubt.second_alone == 0) {
		return "Are the times written as " + both + "? None of the " + count_of(values, "value") +
			   " tells them apart: time_formats says it.";
	}
	return "Are the times written as " + both + "? " + count_of(doubt.first_alone, "value") +
		   " can only be the first, " + count_of(doubt.second_alone, "value") +
		   " only the second: time_formats says it, in the order in which they are to be tried.";
}

Advice advise_on_reading(FileSurvey const &survey, GivenReading const &given)
{
	Advice advice;
	look_at_emails(advice, survey, given);
	look_at_event_names(advice, survey, given);
	look_at_times(advice, survey, given);
	look_at_rejects(advice, survey, given);
	return advice;
}

TypeAdvice advise_on_types(std::span<ColumnSurvey const> columns, Header const &header,
						   std::span<std::string const> names)
{
	TypeAdvice advice;
	auto const for_each = [&](auto const &look) {
		for (std::size_t i = 0; i < columns.size(); i++) {
			if (header.columns[i].role == Role::property && !fold_name(names[i]).empty())
				look(columns[i], names[i]);
		}
	};
	bool has_comma = false, has_point = false, has_plain = false;
	for_each([&](ColumnSurvey const &column, std::string const &) {
		NumberForm const form = column.numbers().form();
		has_comma |= form == NumberForm::comma;
		has_point |= form == NumberForm::point;
		has_plain |= form == NumberForm::plain;
	});
	// there is one mark for all columns
	if (has_comma && !has_point && !has_plain)
		advice.decimal_mark = ',';
	if (has_point && !has_comma)
		advice.decimal_mark = '.';
	for_each([&](ColumnSurvey const &column, std::string const &name) {
		NumberForm const form = column.numbers().form();
		bool const is_certain = form == NumberForm::plain || form == NumberForm::point || form == NumberForm::comma;
		if (is_certain && column.numbers().is_read_with(advice.decimal_mark)) {
			advice.types.emplace_back(name, "number");
		} else if (column.has_booleans_only()) {
			advice.types.emplace_back(name, "boolean");
		} else if (column.has_json_only()) {
			advice.types.emplace_back(name, "json");
		}
	});
	return advice;
}

} // namespace vero
