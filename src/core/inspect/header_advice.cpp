// Makes sense of a header that the import does not understand, from the values below it.
#include "core/inspect/advice.hpp"

#include "core/intake/column_names.hpp"
#include "core/text/name_folding.hpp"
#include "core/text/text.hpp"

#include <algorithm>
#include <bit>
#include <map>

namespace vero {
namespace {

/// Amendments of a header, each of which may be needed.
struct Amendments {
	std::optional<ColumnTarget> email;
	std::optional<ColumnTarget> time;
	std::vector<ColumnTarget> doubled; ///< left out
};
enum Amendment : unsigned { kEventName = 1, kTime = 2, kEmail = 4, kDoubled = 8, kAll = 16 };

/// The columns that hold times, or an address each; those that can be named.
template <class Predicate> std::vector<std::size_t> find_columns(HeaderSample const &first, Predicate const &predicate)
{
	ColumnNames const names(first.names);
	std::vector<std::size_t> found;
	for (std::size_t i = 0; i < first.columns.size(); i++) {
		if (predicate(first.columns[i]) && names.find(first.names[i]).size() == 1)
			found.push_back(i);
	}
	return found;
}

bool is_told(FileBeginning const &beginning, std::string_view target)
{
	return std::any_of(beginning.targets.begin(), beginning.targets.end(),
					   [target](ColumnTarget const &told) { return told.column && fold_name(told.target) == target; });
}

/// Names that several columns have, unless the options leave those out already.
std::vector<ColumnTarget> find_doubled(FileBeginning const &beginning, std::vector<std::string> const &names)
{
	std::map<std::string_view, std::size_t> counts;
	for (std::string const &name : names)
		counts[name]++;
	std::vector<ColumnTarget> doubled;
	for (auto const &[name, count] : counts) {
		bool const is_left_out =
			std::any_of(beginning.targets.begin(), beginning.targets.end(),
						[name = name](ColumnTarget const &told) { return !told.column && told.target == name; });
		if (count > 1 && !is_left_out && !fold_name(name).empty())
			doubled.push_back({std::string(name), std::nullopt});
	}
	return doubled;
}

std::vector<ColumnTarget> amend(FileBeginning const &beginning, Amendments const &amendments, unsigned which)
{
	std::vector<ColumnTarget> targets = beginning.targets;
	if ((which & kEmail) != 0 && amendments.email)
		targets.push_back(*amendments.email);
	if ((which & kTime) != 0 && amendments.time)
		targets.push_back(*amendments.time);
	if ((which & kDoubled) != 0)
		targets.insert(targets.end(), amendments.doubled.begin(), amendments.doubled.end());
	return targets;
}

/// As few amendments as are enough; nothing where all of them are not.
std::optional<unsigned> choose_amendments(FileBeginning const &beginning, HeaderSample const &first,
										  Amendments const &amendments)
{
	std::optional<unsigned> best;
	for (unsigned which = 0; which < kAll; which++) {
		if (best && std::popcount(*best) <= std::popcount(which))
			continue;
		std::vector<ColumnTarget> const targets = amend(beginning, amendments, which);
		if (resolve_header(first.names, targets, beginning.has_event_name || (which & kEventName) != 0))
			best = which;
	}
	return best;
}

/// Those that come nearer to a header that is understood.
unsigned find_partial_amendments(FileBeginning const &beginning, HeaderSample const &first)
{
	unsigned which = kDoubled;
	Result<Header, FileFailure> const resolved =
		resolve_header(first.names, beginning.targets, beginning.has_event_name);
	for (Role const role : resolved ? std::vector<Role>() : resolved.error().missing_columns)
		which |= role == Role::email ? kEmail : role == Role::time ? kTime : 0U;
	return which;
}

void warn_of_doubled(Advice &advice, std::vector<ColumnTarget> const &doubled)
{
	for (ColumnTarget const &target : doubled) {
		advice.warnings.push_back("several columns are named " + quote_clipped(target.target) +
								  ": all of them are left out");
	}
}

constexpr std::size_t kListed = 5;

std::string list_columns(HeaderSample const &first, std::vector<std::size_t> const &columns)
{
	std::string list;
	for (std::size_t i = 0; i < std::min(columns.size(), kListed); i++)
		list += (i == 0 ? "" : i + 1 == columns.size() ? " or " : ", ") + show_column(first.names, columns[i]);
	return list + (columns.size() > kListed ? " or another" : "");
}

} // namespace

Advice advise_without_header(FileBeginning const &beginning)
{
	Advice advice;
	if (begins_with_record(beginning)) {
		advice.questions.emplace_back("Has the file no header? Its first line looks like a record. COPY vero.events "
									  "(email, event_name, time, ...) "
									  "FROM 'file.csv' WITH (FORMAT vero_csv) names the columns of such a file.");
	}
	return advice;
}

Advice advise_on_header(FileBeginning const &beginning, HeaderSample const &first, std::string const &events)
{
	Amendments amendments{std::nullopt, std::nullopt, find_doubled(beginning, first.names)};
	std::vector<std::size_t> const addresses =
		find_columns(first, [](ColumnSurvey const &column) { return column.has_addresses(); });
	std::vector<std::size_t> const times =
		find_columns(first, [](ColumnSurvey const &column) { return column.has_times(); });
	if (addresses.size() == 1 && !is_told(beginning, "email"))
		amendments.email = ColumnTarget{"email", first.names[addresses[0]]};
	if (times.size() == 1 && !is_told(beginning, "time"))
		amendments.time = ColumnTarget{"time", first.names[times[0]]};
	std::optional<unsigned> const enough = choose_amendments(beginning, first, amendments);
	unsigned const which = enough ? *enough : find_partial_amendments(beginning, first);

	Advice advice;
	if (first.delimiter != beginning.delimiters.front())
		advice.delimiter = first.delimiter;
	if (first.header_line > beginning.skipped_lines + 1)
		advice.skip_lines = first.header_line - 1;
	std::vector<ColumnTarget> targets = amend(beginning, amendments, which);
	advice.columns.assign(targets.begin() + static_cast<std::ptrdiff_t>(beginning.targets.size()), targets.end());
	if ((which & kEventName) != 0)
		advice.event_name = events;
	if ((which & kDoubled) != 0)
		warn_of_doubled(advice, amendments.doubled);
	if (!enough && addresses.size() > 1) {
		advice.questions.push_back("Which column is the email: " + list_columns(first, addresses) +
								   "? columns => '{\"email\": ...}' says it.");
	}
	if (!enough && times.size() > 1) {
		advice.questions.push_back("Which column is the time: " + list_columns(first, times) +
								   "? columns => '{\"time\": ...}' says it.");
	}
	return advice;
}

std::string show_column(std::span<std::string const> names, std::size_t column)
{
	return fold_name(names[column]).empty() ? "column " + std::to_string(column + 1) : quote_clipped(names[column]);
}

} // namespace vero
