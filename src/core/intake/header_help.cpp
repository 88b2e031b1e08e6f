// Says what helps where a file's header was not understood.
#include "core/intake/header_help.hpp"

#include "core/intake/column_names.hpp"
#include "core/text/text.hpp"
#include "core/text/visible_text.hpp"

#include <algorithm>

namespace vero {
namespace {

constexpr std::string_view kUnknown = "...";

/// The option `columns`, member by member.
class ColumnsOption {
public:
	explicit ColumnsOption(std::span<ColumnTarget const> targets)
	{
		for (ColumnTarget const &target : targets) {
			if (target.clock) {
				add(target.target,
					"[" + write_json_string(*target.column) + ", " + write_json_string(*target.clock) + "]");
			} else {
				add(target.target, target.column ? write_json_string(*target.column) : "null");
			}
		}
	}

	void add(std::string_view key, std::string const &value)
	{
		members_ += (members_.empty() ? "" : ", ") + write_json_string(key) + ": " + value;
	}
	bool is_empty() const { return members_.empty(); }
	std::string write(Notation notation) const { return write_option(notation, "columns", "{" + members_ + "}"); }

private:
	std::string members_;
};

/// The column most of whose values are such; none where fewer than half are.
std::optional<std::size_t> find_column(std::span<ColumnValues const> values, std::size_t ColumnValues::*such)
{
	std::optional<std::size_t> best;
	for (std::size_t i = 0; i < values.size(); i++) {
		bool const is_half = values[i].*such > 0 && 2 * (values[i].*such) >= values[i].filled;
		if (is_half && (!best || values[i].*such > values[*best].*such))
			best = i;
	}
	return best;
}

bool is_doubled(FileFailure const &failure, std::string_view name)
{
	return std::find(failure.doubled_names.begin(), failure.doubled_names.end(), name) != failure.doubled_names.end();
}

void leave_out_doubled(ColumnsOption &columns, FileFailure const &failure)
{
	for (std::string const &name : failure.doubled_names) {
		if (name.size() <= kLongestProposedName)
			columns.add(name, "null");
	}
}

/// Names the columns that are missing, as far as their values tell.
std::string help_with_missing(FileFailure const &failure, TriedHeader const &header, FileBeginning const &beginning)
{
	std::vector<ColumnValues> const values =
		look_at_values(beginning, header.delimiter, header.names.size(), header.is_in_file);
	ColumnsOption columns(beginning.targets);
	std::string looks, others;
	for (Role const role : failure.missing_columns) {
		if (role == Role::event_name) {
			others = write_option(beginning.notation, "event_name", kUnknown);
			continue;
		}
		bool const is_email = role == Role::email;
		auto const found = find_column(values, is_email ? &ColumnValues::emails : &ColumnValues::times);
		bool const is_usable = found && !header.names[*found].empty() &&
							   header.names[*found].size() <= kLongestProposedName &&
							   !is_doubled(failure, header.names[*found]);
		columns.add(is_email ? "email" : "time", write_json_string(is_usable ? header.names[*found] : kUnknown));
		if (found) {
			looks += " Column " + std::to_string(*found + 1) + ", " + quote_clipped(header.names[*found]) + ", holds " +
					 (is_email ? "addresses." : "times.");
		}
	}
	leave_out_doubled(columns, failure);
	std::string options = columns.is_empty() ? "" : columns.write(beginning.notation);
	options += (options.empty() || others.empty() ? "" : ", ") + others;
	return "With delimiter " + quote_clipped(std::string_view(&header.delimiter, 1)) +
		   " its columns are: " + ColumnNames(header.names).list() + "." + looks + " Say what is what: " + options +
		   ".";
}

std::string help_with_doubled(FileFailure const &failure, FileBeginning const &beginning)
{
	ColumnsOption columns(beginning.targets);
	leave_out_doubled(columns, failure);
	return "Rename one of each two in the file, or leave both out: " + columns.write(beginning.notation) + ".";
}

} // namespace

FileFailure explain_failure(FileFailure failure, TriedHeader const &header, FileBeginning const &beginning)
{
	if (failure.no_email_column && header.is_in_file) {
		if (std::optional<std::uint64_t> line = find_header_below(beginning)) {
			failure.message = "line " + std::to_string(header.line) + " has no email column, but line " +
							  std::to_string(*line) +
							  " looks like the header: " + write_option(beginning.notation, "skip_lines", *line - 1);
			failure.hint = "";
			return failure;
		}
		if (are_lines_quoted(beginning)) {
			failure.message = "each line of the file stands in quotes as a whole, so that it is one cell";
			failure.hint = "Save it without quotes round the lines, or take them off in a shell: "
						   R"(sed -E 's/^"//; s/"\r?$//; s/""/"/g' file.csv > lines.csv)";
			return failure;
		}
	}
	if (!failure.missing_columns.empty()) {
		failure.hint = help_with_missing(failure, header, beginning);
	} else if (!failure.doubled_names.empty()) {
		failure.hint = help_with_doubled(failure, beginning);
	}
	return failure;
}

} // namespace vero
