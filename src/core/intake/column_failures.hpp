// Words for headers whose columns do not do.
#pragma once

#include "core/intake/column_names.hpp"
#include "core/intake/columns.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace vero {

/// Two columns of one name, by their indices.
struct DoubledName {
	std::size_t first;
	std::size_t second;
	bool may_be_left_out; ///< both are properties
};

/// "the file has no email column and no time column"
FileFailure missing_columns(std::vector<Role> roles, ColumnNames const &names);

/// Names the first few, in the order of the file.
FileFailure doubled_columns(std::span<DoubledName const> doubled, ColumnNames const &names);

/// Says in the failure that columns are missing that some are doubled, too.
void add_doubled_columns(FileFailure &missing, FileFailure const &doubled);

} // namespace vero
