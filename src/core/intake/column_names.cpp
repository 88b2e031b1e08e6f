// Finds the columns of a file by their names.
#include "core/intake/column_names.hpp"

#include "core/text/name_folding.hpp"
#include "core/text/text.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace vero {
namespace {

constexpr std::size_t kListedNames = 30;  // of a header, in a hint
constexpr std::size_t kListedLength = 60; // characters of each

/// Of equal ones the first comes first.
std::vector<std::size_t> order_of(std::vector<std::string> const &names)
{
	std::vector<std::size_t> order(names.size());
	std::iota(order.begin(), order.end(), 0);
	std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return names[a] < names[b]; });
	return order;
}

std::span<std::size_t const> equal(std::vector<std::size_t> const &order, std::vector<std::string> const &names,
								   std::string_view name)
{
	auto begin = std::partition_point(order.begin(), order.end(), [&](std::size_t i) { return names[i] < name; });
	auto end = std::partition_point(begin, order.end(), [&](std::size_t i) { return names[i] == name; });
	return {begin, end};
}

} // namespace

ColumnNames::ColumnNames(std::vector<std::string> names) : names_(std::move(names))
{
	for (std::string const &name : names_)
		folded_.push_back(fold_name(name));
	by_name_ = order_of(names_);
	by_folded_ = order_of(folded_);
}

std::span<std::size_t const> ColumnNames::find(std::string_view name) const
{
	std::string const folded = fold_name(name);
	if (folded.empty())
		return {};
	std::span<std::size_t const> same = equal(by_name_, names_, name);
	return same.empty() ? with_folded(folded) : same;
}

std::span<std::size_t const> ColumnNames::with_folded(std::string_view folded) const
{
	return equal(by_folded_, folded_, folded);
}

std::string ColumnNames::list() const
{
	std::string list;
	for (std::size_t i = 0; i < std::min(names_.size(), kListedNames); i++)
		list += (list.empty() ? "" : ", ") + quote_clipped(names_[i], kListedLength);
	return names_.size() > kListedNames ? list + " ..." : list;
}

std::string ColumnNames::describe(std::size_t column) const
{
	return quote_clipped(names_[column]) + " (column " + std::to_string(column + 1) + ")";
}

bool is_told(std::span<ColumnTarget const> targets, std::string_view column)
{
	std::string const folded = fold_name(column);
	return std::any_of(targets.begin(), targets.end(), [&](ColumnTarget const &target) {
		return target.column && fold_name(*target.column) == folded;
	});
}

bool is_weak_event_name(std::string_view column, std::span<ColumnTarget const> targets)
{
	return fold_name(column) == "name" && !is_told(targets, column);
}

} // namespace vero
