// Words for headers whose columns do not do.
#include "core/intake/column_failures.hpp"

#include "core/text/text.hpp"

#include <algorithm>

namespace vero {
namespace {

constexpr std::size_t kListedPairs = 5;

} // namespace

FileFailure missing_columns(std::vector<Role> roles, ColumnNames const &names)
{
	FileFailure failure{"the file has ", "Its columns are: " + names.list() + "."};
	for (std::size_t i = 0; i < roles.size(); i++) {
		failure.message += i == 0 ? "" : i + 1 == roles.size() ? " and " : ", ";
		failure.message += roles[i] == Role::email	? "no email column"
						   : roles[i] == Role::time ? "no time column"
													: "no name column";
	}
	failure.missing_columns = std::move(roles);
	return failure;
}

FileFailure doubled_columns(std::span<DoubledName const> doubled, ColumnNames const &names)
{
	FileFailure failure{"", "Rename one of the two columns in the file."};
	for (std::size_t i = 0; i < std::min(doubled.size(), kListedPairs); i++) {
		auto const [first, second, may_be_left_out] = doubled[i];
		failure.message += std::string(i == 0 ? "" : ", ") + "columns " + std::to_string(first + 1) + " and " +
						   std::to_string(second + 1) + " have the same name " + quote_clipped(names[first]);
		if (may_be_left_out)
			failure.doubled_names.push_back(names[first]);
	}
	if (doubled.size() > kListedPairs)
		failure.message += ", and so have others";
	return failure;
}

void add_doubled_columns(FileFailure &missing, FileFailure const &doubled)
{
	missing.message += "; " + doubled.message;
	missing.doubled_names = doubled.doubled_names;
}

} // namespace vero
