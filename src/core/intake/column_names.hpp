// Finds the columns of a file by their names.
#pragma once

#include "core/intake/columns.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vero {

/// The names of a file's columns, each folded and sorted once, so that a search takes no time that grows with their number.
class ColumnNames {
public:
	explicit ColumnNames(std::vector<std::string> names);

	std::size_t count() const { return names_.size(); }
	/// As it stands in the file.
	std::string const &operator[](std::size_t column) const { return names_[column]; }
	/// fold_name() of it: empty for a column without a name.
	std::string const &folded(std::size_t column) const { return folded_[column]; }

	/// The columns that `name` may mean: those that are called so to the letter, else those that are alike. Those without a name are not
	/// meant by any. In the order of the file, as all that is found here.
	std::span<std::size_t const> find(std::string_view name) const;
	/// The columns whose folded name this is.
	std::span<std::size_t const> with_folded(std::string_view folded) const;
	/// All columns by name; of equal ones the first comes first.
	std::span<std::size_t const> sorted() const { return by_name_; }

	/// The first names, for a hint.
	std::string list() const;
	/// `"Q1_1" (column 4)`
	std::string describe(std::size_t column) const;

private:
	std::vector<std::string> names_;
	std::vector<std::string> folded_;
	std::vector<std::size_t> by_name_;
	std::vector<std::size_t> by_folded_;
};

/// Whether one of them is taken from the column that has this name, or one like it.
bool is_told(std::span<ColumnTarget const> targets, std::string_view column);

/// Names of people, orders and articles stand in a column "Name" as often as those of events: true where only its name tells.
bool is_weak_event_name(std::string_view column, std::span<ColumnTarget const> targets);

/// So many events with names that are nearly all different are enough to doubt any column.
constexpr std::uint64_t kEnoughToDoubt = 20;

} // namespace vero
