// What each column of a file means: found by its name, or as told.
#include "core/header.hpp"

#include "core/name_folding.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace vero {
namespace {

constexpr std::size_t kListedNames = 30; // of a header, in a hint

constexpr std::array<std::string_view, 2> kEmailNames{"email", "emailaddress"};
constexpr std::array<std::string_view, 3> kEventNames{"eventname", "event", "name"};
constexpr std::array<std::string_view, 6> kTimeNames{"time",	  "dateandtime", "datetime",
													 "timestamp", "occurredat",	 "date"};

std::string quoted(std::string_view name)
{
	return "\"" + std::string(name) + "\"";
}

/// The header while it is being worked out: names folded once, roles given out one by one.
class Resolution {
public:
	explicit Resolution(std::vector<std::string> const &names)
	{
		for (std::string const &name : names) {
			folded_.push_back(fold_name(name));
			Role role = folded_.back().empty() ? Role::unnamed : Role::property;
			header_.columns.push_back({name, role, name});
		}
		taken_.resize(folded_.size());
	}

	std::optional<FileFailure> refuse_doubled_names() const
	{
		std::map<std::string_view, std::size_t> seen;
		for (std::size_t i = 0; i < folded_.size(); i++) {
			if (folded_[i].empty())
				continue;
			if (auto [first, is_new] = seen.try_emplace(folded_[i], i); !is_new)
				return FileFailure{"columns " + std::to_string(first->second + 1) + " and " + std::to_string(i + 1) +
									   " have the same name " + quoted(header_.columns[i].name),
								   "Names are compared without regard to case, spaces, underscores and dashes. Rename "
								   "one of the two columns."};
		}
		return std::nullopt;
	}

	std::optional<std::size_t> find(std::string_view folded) const
	{
		auto at = std::find(folded_.begin(), folded_.end(), folded);
		if (folded.empty() || at == folded_.end())
			return std::nullopt;
		return static_cast<std::size_t>(at - folded_.begin());
	}

	std::optional<FileFailure> apply(ColumnTarget const &target, std::optional<Role> role)
	{
		std::string const &name = target.column ? *target.column : target.target;
		std::optional<std::size_t> at = find(fold_name(name));
		if (!at)
			return FileFailure{"the file has no column " + quoted(name) + ", which the option \"columns\" names",
							   "Its columns are: " + list_of_names() + "."};
		if (taken_[*at])
			return FileFailure{
				"the option \"columns\" names the column " + quoted(header_.columns[*at].name) + " twice", ""};
		if (role && has(*role))
			return FileFailure{"the option \"columns\" names two columns for " + quoted(target.target), ""};
		taken_[*at] = true;
		Column &column = header_.columns[*at];
		column.role = role.value_or(target.column ? Role::property : Role::ignored);
		column.property = target.target;
		if (role)
			assign(*role, *at);
		return std::nullopt;
	}

	/// The first of `known` that is there and not spoken for gets the role.
	void look_for(Role role, std::span<std::string_view const> known)
	{
		for (std::string_view name : known) {
			std::optional<std::size_t> at = find(name);
			if (!at || taken_[*at])
				continue;
			taken_[*at] = true;
			header_.columns[*at].role = role;
			assign(role, *at);
			return;
		}
	}

	std::optional<FileFailure> refuse_doubled_properties() const
	{
		std::set<std::string_view> seen;
		for (Column const &column : header_.columns)
			if (column.role == Role::property && !seen.insert(column.property).second)
				return FileFailure{"two columns would become the property " + quoted(column.property),
								   "Rename one of them with the option \"columns\"."};
		return std::nullopt;
	}

	bool has(Role role) const { return assigned_[static_cast<std::size_t>(role)]; }
	Header take() { return std::move(header_); }

	std::string list_of_names() const
	{
		std::string list;
		for (std::size_t i = 0; i < std::min(header_.columns.size(), kListedNames); i++)
			list += (list.empty() ? "" : ", ") + quoted(clip(header_.columns[i].name, 60));
		return header_.columns.size() > kListedNames ? list + " ..." : list;
	}

private:
	void assign(Role role, std::size_t at)
	{
		assigned_[static_cast<std::size_t>(role)] = true;
		if (role == Role::email)
			header_.email = at;
		else if (role == Role::event_name)
			header_.event_name = at;
		else
			header_.time = at;
	}

	Header header_;
	std::vector<std::string> folded_;
	std::vector<bool> taken_; ///< spoken for by the option `columns` or an earlier role
	std::array<bool, 3> assigned_{};
};

/// `name` means the event's name, unless `event_name` is a target of its own.
std::optional<Role> role_of(std::string_view target, bool has_event_name_target)
{
	std::string folded = fold_name(target);
	if (folded == "email")
		return Role::email;
	if (folded == "time")
		return Role::time;
	if (folded == "eventname" || (folded == "name" && !has_event_name_target))
		return Role::event_name;
	return std::nullopt;
}

FileFailure missing(std::string const &what, std::string const &names, std::string const &found)
{
	return FileFailure{"the file has no " + what + " column",
					   "It needs a column named " + names +
						   ", or the option \"columns\" to say which one it is. Its columns are: " + found + "."};
}

} // namespace

std::variant<Header, FileFailure> resolve_header(std::vector<std::string> const &names,
												 std::span<ColumnTarget const> targets, bool has_event_name)
{
	// another delimiter may make fewer of them
	if (names.size() > kMaxColumns)
		return FileFailure{
			"the header has " + std::to_string(names.size()) + " columns, and " + std::to_string(kMaxColumns) +
				" are allowed",
			"If there should be fewer, the option \"delimiter\" may help. Otherwise leave columns out of the "
			"file.",
			true};
	Resolution resolution(names);
	bool has_event_name_target = has_event_name;
	for (ColumnTarget const &target : targets)
		has_event_name_target |= fold_name(target.target) == "eventname";

	std::optional<FileFailure> failure;
	bool email_told = false;
	for (ColumnTarget const &target : targets) {
		std::optional<Role> role = target.column ? role_of(target.target, has_event_name_target) : std::nullopt;
		email_told |= role == Role::email;
		// the others are applied all the same: whether one finds an email column tells whether the delimiter is right
		if (std::optional<FileFailure> refused = resolution.apply(target, role); refused && !failure)
			failure = std::move(refused);
	}
	if (!email_told)
		resolution.look_for(Role::email, kEmailNames);
	if (!failure && !resolution.has(Role::email))
		failure = missing("email", "\"email\" or \"email address\"", resolution.list_of_names());
	if (failure) {
		failure->no_email_column = !resolution.has(Role::email);
		return *failure;
	}
	if ((failure = resolution.refuse_doubled_names()))
		return *failure;
	if (!has_event_name && !resolution.has(Role::event_name))
		resolution.look_for(Role::event_name, kEventNames);
	if (!resolution.has(Role::time))
		resolution.look_for(Role::time, kTimeNames);
	if (!has_event_name && !resolution.has(Role::event_name))
		return missing("name", "\"event_name\", \"event\" or \"name\"", resolution.list_of_names());
	if (!resolution.has(Role::time))
		return missing("time", "\"time\", \"date and time\", \"datetime\", \"timestamp\", \"occurred_at\" or \"date\"",
					   resolution.list_of_names());
	if ((failure = resolution.refuse_doubled_properties()))
		return *failure;
	return resolution.take();
}

} // namespace vero
